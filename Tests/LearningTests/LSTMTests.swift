import Numerics
import Testing

@testable import Learning

/// Two samples and an LSTM with 4 time steps, 2 features and 3 units. Expected values were computed
/// from BasicLSTMCell's formulas with numpy (float64), the gradients by central differences. The
/// loss is the sum of the last outputs times `dOutput`.
@Suite struct LSTMTests {
  static let shape = ModelShape(
    timeSteps: 4, features: 2, units: 3, classes: 2, normalization: .none)
  static let dOutput: [Float] = [1, -2, 0.5, 0.25, 1, -1]

  static let weights: [Float] = {
    var weights = [Float](repeating: 0, count: shape.layout.count)
    for n in 0..<60 { weights[n] = Float((7 * n) % 23 - 11) / 16 }
    for n in 0..<12 { weights[60 + n] = Float((5 * n) % 9 - 4) / 8 }
    return weights
  }()

  static func pixels(rows: Int) -> [Float] {
    (0..<rows * 8).map { Float((3 * $0) % 11) / 10 }
  }

  func lstm(maximumRows: Int, _ kernels: Kernels = Kernels()) -> LSTM {
    let lstm = LSTM(shape: Self.shape, maximumRows: maximumRows, kernels: kernels)
    lstm.load(weights: Self.weights)
    return lstm
  }

  func gradients(_ lstm: LSTM, rows: Int, slices: [Range<Int>]) -> [[Float]] {
    let dOutput = (0..<rows * 3).map { Self.dOutput[$0 % 6] }
    _ = lstm.forward(Self.pixels(rows: rows), rows: 0..<rows, training: true)
    lstm.backward(MatrixView(dOutput, rows: rows, columns: 3))
    return slices.map { slice in
      var gradient = [Float](repeating: 0, count: Self.shape.layout.count)
      lstm.gradients(
        of: slice, slices: [0..<slice.count], into: &gradient,
        scratch: Kernels.sliceScratch(slices: 1))
      return gradient
    }
  }

  func differ(_ ours: ArraySlice<Float>, _ exact: [Double]) -> Double {
    zip(ours, exact).reduce(0) { max($0, (Double($1.0) - $1.1).magnitude) }
  }

  @Test(arguments: [true, false])
  func theLastOutputMatchesBasicLSTMCell(training: Bool) {
    let output = lstm(maximumRows: 2).forward(
      Self.pixels(rows: 2), rows: 0..<2, training: training)
    let exact = [
      0.16418202963056924, 0.017729256785242353, 0.021983486926502156, 0.16472569404638984,
      -0.13865469295110522, 0.11718562320901148,
    ]
    #expect(differ(output.array[...], exact) < 2e-7)
  }

  @Test func gradientsOfEachSliceMatchCentralDifferences() {
    let ours = gradients(lstm(maximumRows: 2), rows: 2, slices: [0..<1, 1..<2])
    let bias = [
      [
        0.08126244, -0.01307398, -0.00836181, 0.18227735, -1.43746211, -0.03680111, 0.03327604,
        0.00641516, 0.00164605, 0.0858642, -0.02210787, -0.00815379,
      ],
      [
        0.01434115, -0.06319916, -0.05137413, 0.02427193, 0.52855892, -0.26269409, 0.00750981,
        -0.02284551, -0.02728765, 0.01190235, -0.07849427, -0.06157403,
      ],
    ]
    let features = [
      0.06709495, -0.02025666, -0.00284837, 0.11856312, -1.08732042, 0.00100852, 0.02571411,
      0.00619505, 0.002273, 0.09227679, -0.01928541, 0.00092703,
    ]
    let outputs = [
      0.00097359, -0.0027297, -0.00303664, 0.00176556, 0.029076, -0.01651418, 0.00053024,
      -0.00168541, -0.00201009, 0.00079295, -0.00553475, -0.00451301,
    ]
    #expect(differ(ours[0][60..<72], bias[0]) < 1e-6)
    #expect(differ(ours[1][60..<72], bias[1]) < 1e-6)
    #expect(differ(ours[0][12..<24], features) < 1e-6, "second row of the kernel, first sample")
    #expect(differ(ours[1][48..<60], outputs) < 1e-6, "fifth row of the kernel, second sample")
    #expect(ours[0][72...].allSatisfy { $0 == 0 }, "other tensors are not changed")
  }

  @Test func evaluationHasTheSameBitsAsTraining() {
    let lstm = lstm(maximumRows: 30)
    let pixels = Self.pixels(rows: 30)
    let trained = lstm.forward(pixels, rows: 0..<30, training: true).array
    let evaluated = lstm.forward(pixels, rows: 0..<30, training: false).array
    #expect(evaluated == trained)
    #expect(lstm.forward(pixels, rows: 0..<30, training: false).array == trained)
  }

  @Test func theOutputOfARowDoesNotDependOnOtherRows() {
    let pixels = Self.pixels(rows: 30)
    let together = lstm(maximumRows: 30).forward(pixels, rows: 0..<30, training: false).array
    let lstm = lstm(maximumRows: 7)
    for rows in [0..<1, 1..<8, 8..<15, 15..<17, 17..<24, 24..<30] {
      let part = lstm.forward(pixels, rows: rows, training: true).array
      #expect(part[...] == together[rows.lowerBound * 3..<rows.upperBound * 3])
    }
  }

  @Test func theGradientOfASliceDoesNotDependOnOtherSlices() {
    let slices = [0..<6, 6..<13, 13..<20]
    let together = gradients(lstm(maximumRows: 20), rows: 20, slices: slices)
    let first = gradients(lstm(maximumRows: 8), rows: 6, slices: [0..<6])
    #expect(first[0] == together[0])
    let two = gradients(lstm(maximumRows: 13), rows: 13, slices: [6..<13])
    #expect(two[0] == together[1])
  }

  @Test(arguments: KernelVariant.supported)
  func everyVariantGivesTheSameBits(variant: KernelVariant) {
    let ours = gradients(lstm(maximumRows: 13, Kernels(variant)), rows: 13, slices: [0..<13])
    #expect(ours == gradients(lstm(maximumRows: 13), rows: 13, slices: [0..<13]))
  }

  @Test func aPassDoesNotAffectTheNext() {
    let fresh = gradients(lstm(maximumRows: 9), rows: 5, slices: [0..<5])
    let used = lstm(maximumRows: 9)
    _ = gradients(used, rows: 9, slices: [0..<9])
    _ = used.forward(Self.pixels(rows: 9), rows: 2..<9, training: false)
    #expect(gradients(used, rows: 5, slices: [0..<5]) == fresh)
  }

  @Test func aSequenceMayHaveOneTimeStep() {
    let shape = ModelShape(timeSteps: 1, features: 2, units: 3, classes: 2, normalization: .none)
    let lstm = LSTM(shape: shape, maximumRows: 1, kernels: Kernels())
    lstm.load(weights: Self.weights)
    let output = lstm.forward([0.5, 1], rows: 0..<1, training: true).array
    #expect(output == lstm.forward([0.5, 1], rows: 0..<1, training: false).array)
    var gradient = [Float](repeating: 0, count: shape.layout.count)
    lstm.backward(MatrixView([1, 1, 1], rows: 1, columns: 3))
    lstm.gradients(
      of: 0..<1, slices: [0..<1], into: &gradient, scratch: Kernels.sliceScratch(slices: 1))
    #expect(gradient[24..<60].allSatisfy { $0 == 0 }, "there is no previous output")
    #expect(gradient[60..<63].contains { $0 != 0 })
  }
}
