import Coordination
import Learning
import TestSupport
import Wire

/// A small dataset for fast tests: images of 4 x 4 pixels in 3 classes, each a pure function of its
/// split and index. The row whose number is the label is brighter than the others.
struct TinyData: SampleSource {
  static let side = 4
  static let classes = 3
  static let fingerprint = "tiny 4x4 in 3 classes"

  var training = 37
  var validation = 9
  var test = 11

  var description: DatasetDescription {
    DatasetDescription(
      fingerprint: Self.fingerprint, training: training, validation: validation, test: test)
  }

  func count(_ split: Split) -> Int {
    switch split {
    case .train: training
    case .validation: validation
    case .test: test
    }
  }

  func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch {
    let order = scan.order(height: Self.side, width: Self.side)
    var pixels: [Float] = []
    pixels.reserveCapacity(indices.count * order.count)
    for index in indices {
      let label = Int(Self.label(split, index))
      for place in order {
        let noise = Float(Self.hash(split, index, place) & 0xFF) / 510
        pixels.append(place / Self.side == label ? noise + 0.5 : noise)
      }
    }
    return Minibatch(pixels: pixels, labels: indices.map { Self.label(split, $0) })
  }

  private static func label(_ split: Split, _ index: Int) -> UInt8 {
    UInt8(hash(split, index, 99) % UInt64(classes))
  }

  /// A number that depends on the split, the index and the position of a pixel.
  private static func hash(_ split: Split, _ index: Int, _ place: Int) -> UInt64 {
    var random = SplitMix64(
      state: UInt64(index) &* 1_000 &+ UInt64(place) &* 8 &+ UInt64(split.rawValue))
    return random.next()
  }
}

extension TrainingSettings {
  /// Settings of a run that takes milliseconds: 3 units, batches of 10 in 4 slices.
  static func tiny(
    _ mode: Mode = .sync, steps: UInt64 = 6, evaluateEvery: UInt64 = 0,
    change: (inout Recipe) -> Void = { _ in }
  ) -> TrainingSettings {
    var recipe = Recipe.tutorial
    recipe.units = 3
    recipe.batchSize = 10
    recipe.slices = 4
    recipe.length = .steps(steps)
    recipe.learningRate = 0.02
    recipe.evaluateEvery = evaluateEvery
    change(&recipe)
    return TrainingSettings(recipe: recipe, mode: mode, seed: 7)
  }

  /// The model shape for ``TinyData``.
  var tinyShape: ModelShape {
    ModelShape(
      recipe: recipe, height: TinyData.side, width: TinyData.side, classes: TinyData.classes)
  }

  /// The optimizer before the first update.
  var initialOptimizer: Optimizer {
    Optimizer(
      shape: tinyShape, weights: recipe.initialWeights(shape: tinyShape, seed: seed))
  }

  /// Creates the server at the start of the run.
  func makeServer(
    data: TinyData = TinyData(), policy: Policy = Policy(), incarnation: UInt64 = 0xABC
  ) -> ServerCore {
    ServerCore(
      ServerState(
        settings: self, dataset: data.description.fingerprint, optimizer: initialOptimizer),
      dataset: data.description, incarnation: incarnation, policy: policy)
  }
}
