import Learning
import Numerics
import Testing

@Suite struct MemoryEstimateTests {
  /// 128 units that read 28 rows of 28 pixels, in 10 classes.
  private func shape(
    units: Int = 128, layers: Int = 1, normalization: Normalization = .none
  ) -> ModelShape {
    ModelShape(
      timeSteps: 28, features: 28, units: units, layers: layers, classes: 10,
      normalization: normalization)
  }

  /// Whether an estimate is at least 0.8 and at most 1.5 times the arrays that were counted.
  private func matches(_ estimate: Double, _ floats: Int) -> Bool {
    (0.8...1.5).contains(estimate / Double(4 * floats))
  }

  @Test func aWorkerHasWeightsPackedMatricesAndAGradient() {
    let weights = 156 * 512 + 512 + 1290
    let packed = 156 * 512 + 512 * 128
    let estimate = MemoryEstimate.worker(shape(), precision: .float32, rows: 1, slices: 1)
    #expect(matches(estimate.model, 4 * weights + packed))
  }

  @Test func aWorkersBatchIsMostlyTheTrace() {
    let perStep = 156 + 512 + 16 + 128
    let estimate = MemoryEstimate.worker(shape(), precision: .float32, rows: 1000, slices: 8)
    #expect(matches(estimate.batch, 1000 * (28 * perStep + 2 * 784)))
  }

  @Test func everyLayerHasATraceAndThreeMatrices() {
    let one = MemoryEstimate.worker(shape(), precision: .float32, rows: 500, slices: 1)
    let three = MemoryEstimate.worker(shape(layers: 3), precision: .float32, rows: 500, slices: 1)
    let perStep = 256 + 512 + 16 + 128
    #expect(matches(three.batch - one.batch, 2 * 500 * 28 * perStep))
    let weights = 256 * 512 + 512
    #expect(matches(three.model - one.model, 2 * (4 * weights + 256 * 512 + 512 * 256)))
  }

  @Test func withNormalizationEverySliceHasAContribution() {
    let shape = shape(normalization: .batch)
    let few = MemoryEstimate.worker(shape, precision: .float32, rows: 64, slices: 1)
    let many = MemoryEstimate.worker(shape, precision: .float32, rows: 64, slices: 64)
    #expect(matches(many.model - few.model, 63 * shape.layout.count))
  }

  @Test func aServerHasStateGradientsAndACheckpoint() {
    let weights = shape(units: 1024).layout.count
    let estimate = MemoryEstimate.server(shape(units: 1024))
    #expect(matches(estimate.total, 3 * weights + 3 * weights + 9 * weights))
    #expect(estimate.batch == 0)
  }

  @Test func theLargestSettingsAreNoOverflow() {
    let largest = ModelShape(
      timeSteps: 65536 * 65536, features: 1, units: 8192, layers: 8, classes: 256,
      normalization: .batch)
    let estimate = MemoryEstimate.worker(
      largest, precision: .float32, rows: 65536, slices: 65536)
    #expect(estimate.total > 1e18 && estimate.total.isFinite)
    #expect((2 * estimate + estimate).total == 3 * estimate.total)
  }
}
