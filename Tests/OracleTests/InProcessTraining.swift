import Coordination
import Foundation
import Learning
import Numerics
import Storage
import TestSupport
import Wire

/// A training with the cores of one server and one worker in this process, without a network and
/// without evaluations.
struct InProcessTraining {
  private let dataset: Dataset
  private let computer: LeaseComputer<DatasetSamples>
  private var server: ServerCore
  private var worker: WorkerCore
  private var workerEffects: [WorkerCore.Effect] = []
  private var isComplete = false

  private static let peer = PeerID([1])
  private static let now = Moment(nanoseconds: 0)

  /// Creates a training of `recipe` on `dataset` with the default seed.
  init(_ recipe: Recipe, dataset: Dataset, kernels: Kernels = Kernels()) {
    let settings = TrainingSettings(recipe: recipe, mode: .sync, seed: 10)
    let shape = ModelShape(
      recipe: recipe, height: dataset.height, width: dataset.width, classes: dataset.classes)
    let weights = recipe.initialWeights(shape: shape, seed: settings.seed)
    self.dataset = dataset
    computer = LeaseComputer(
      settings: settings, shape: shape, source: DatasetSamples(dataset, kernels: kernels),
      kernels: kernels)
    server = ServerCore(
      ServerState(
        settings: settings, dataset: dataset.fingerprint,
        optimizer: Optimizer(shape: shape, weights: weights, kernels: kernels)),
      dataset: DatasetDescription(
        fingerprint: dataset.fingerprint, training: dataset.count(.train),
        validation: dataset.count(.validation), test: dataset.count(.test)),
      incarnation: 1, policy: Policy(checkpoints: .never, finalEvaluation: .none))
    worker = WorkerCore(
      hello: Hello(name: "worker", incarnation: 1, dataset: dataset.fingerprint), at: Self.now,
      effects: &workerEffects)
  }

  /// Trains to the end and returns the model.
  mutating func run() throws -> ModelFile {
    while !isComplete, !workerEffects.isEmpty { try perform(workerEffects.removeFirst()) }
    return ModelFile(
      settings: server.settings, shape: server.optimizer.shape, dataset: dataset,
      weights: server.optimizer.weights, step: server.version)
  }

  private mutating func perform(_ effect: WorkerCore.Effect) throws {
    switch effect {
    case .send(let message): deliver(message)
    case .load(let weights, let version): try computer.load(weights, version: version)
    case .compute(let lease):
      let result = try computer.compute(lease)
      worker.handle(.computed(result), at: Self.now, effects: &workerEffects)
    case .finish: isComplete = true
    case .prepare, .reconnect: break
    }
  }

  private mutating func deliver(_ message: NumberedMessage) {
    var effects: [ServerCore.Effect] = []
    server.handle(.received(message, from: Self.peer), at: Self.now, effects: &effects)
    for case .send(let reply, _) in effects {
      worker.handle(.received(reply), at: Self.now, effects: &workerEffects)
    }
  }
}
