import Numerics
import Wire

/// A small message of each type.
enum Sample: String, CaseIterable {
  case hello, welcome, refusal, ready, grant, push, heartbeat, drain, farewell, piece
  case acknowledgement, inquiry, status

  static let tensor = EncodedTensor(float32: [1, -2.5], shape: [2])

  var message: Message {
    switch self {
    case .hello:
      .hello(Hello(name: "wörker", incarnation: 9, dataset: "digits", recipe: "v1", model: 3))
    case .welcome: .welcome(Self.welcomeBody)
    case .refusal: .refusal(Refusal(reason: .dataset, detail: "other data"))
    case .ready: .ready
    case .grant: .grant(Self.grantBody)
    case .push: .push(Self.pushBody)
    case .heartbeat: .heartbeat(Heartbeat(progress: 1000))
    case .drain: .drain(Drain(reason: "done"))
    case .farewell: .farewell(Farewell(reason: "bye"))
    case .piece: .piece(Piece(transfer: 3, index: 2, values: Self.tensor))
    case .acknowledgement: .acknowledgement
    case .inquiry: .inquiry
    case .status: .status(Self.statusBody)
    }
  }

  private static let welcomeBody = Welcome(
    protocolVersion: 2, incarnation: 7, settings: [Setting(key: "units", value: "128")],
    dataset: "digits", layout: [TensorSpec(name: "lstm/bias", shape: [512], trainable: true)],
    heartbeatMilliseconds: 1000, silenceMilliseconds: 5000,
    patienceMilliseconds: 90_000,
    transfers: TransferLimits(pieceElements: 4096, windowBytes: 1 << 16))

  private static let statusBody: RunStatus = {
    var status = RunStatus(
      recipe: "v1", mode: "async", phase: .training, step: 42, steps: 99, epoch: 3, samples: 2100)
    (status.workers, status.readyWorkers, status.neededWorkers) = (5, 4, 2)
    (status.loss, status.accuracy) = (0.75, 0.5)
    (status.samplesPerSecond, status.stalenessMean) = (1250, 1.5)
    (status.stalenessMaximum, status.evaluated, status.evaluationTotal) = (6, 500, 1000)
    return status
  }()

  private static let id = LeaseID(incarnation: 7, counter: 1)

  private static let grantBody = Grant(
    verdict: LeaseVerdict(id: id, verdict: .rejected("late")),
    leases: [
      Lease(id: id, version: 42, work: .train(batch: 5, slices: 0..<4)),
      Lease(
        id: LeaseID(incarnation: 7, counter: 2), version: 42,
        work: .evaluate(split: .validation, samples: 0..<500)),
    ],
    version: 42, hasWeights: true)

  private static let pushBody = Push(
    id: id, version: 42, computeMicroseconds: 1500,
    sums: [SampleSums(lossSum: 0.5, correct: 3, count: 4)], contributions: [0..<1])
}
