import ArgumentParser
import Coordination
import Foundation
import Learning
import Numerics
import Processes
import Wire
import ZeroMQ

/// The parameter server alone.
struct BenchServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Measure the server alone, against stand-in workers that compute nothing.",
    discussion: """
      Recipe v1 in mode async: a round trip is a gradient pushed, checked, clipped and applied by \
      Adam, and the new weights pulled. Megabytes are those of both tensors. They are compared \
      with what one core copies in a loop in the same run, from memory to memory. The stand-ins \
      run in this process, in up to four threads, and share its cores with the server.
      """)

  @Option(help: "Numbers of connections.")
  var connections = NumberList([1, 2, 8, 32, 128])

  @Option(help: "ipc, tcp or both.")
  var transport = "both"

  @Option(help: "Seconds to measure each for.")
  var seconds = 2.0

  @Option(help: "Outputs of the LSTM.")
  var units = 128

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try connections.check(1...400, of: "--connections")
    try NumberList([units]).check(1...8192, of: "--units")
    guard ["ipc", "tcp", "both"].contains(transport) else {
      throw ValidationError("--transport cannot be '\(transport)'; use ipc, tcp or both")
    }
    guard seconds >= 0.1, seconds <= 3600 else {
      throw ValidationError("--seconds cannot be \(seconds); use 0.1 to 3600")
    }
  }

  func run() throws {
    try Failure.report {
      let bench = ServerBench(units: units, seconds: seconds)
      let transports = transport == "both" ? ["ipc", "tcp"] : [transport]
      let figures = try bench.measure(connections.values, transports: transports)
      if json {
        try FileHandle.standardOutput.write(contentsOf: Measuring.json(figures))
      } else {
        figures.show()
      }
    }
  }
}

/// The measurements behind `tributary bench server`.
struct ServerBench {
  /// All that was measured.
  struct Figures: Encodable {
    /// Elements of the model's weights.
    let elements: Int
    /// What one core copies from memory to memory.
    let copiedGigabytesPerSecond: Double
    /// What a push costs the server's thread, without its socket.
    let cost: ServerCost
    /// For each transport and each number of connections.
    let rates: [Rate]
  }

  /// Round trips over so many connections.
  struct Rate: Encodable {
    let transport: String
    let connections: Int
    let roundTripsPerSecond: Double
    let megabytesPerSecond: Double
    /// These bytes as a share of those that the copy loop copies.
    let shareOfCopy: Double
  }

  private let seconds: Double
  private let shape: ModelShape
  private let settings: TrainingSettings
  private let dataset = DatasetDescription(
    fingerprint: "stand-in", training: 55_000, validation: 5000, test: 10_000)

  /// Measurements of a model with so many units, each of so many seconds.
  init(units: Int, seconds: Double) {
    self.seconds = seconds
    var recipe = Recipe.v1
    recipe.units = units
    recipe.batchSize = 100
    recipe.length = .steps(TrainingLength.maximumSteps)
    recipe.evaluateEvery = 0
    recipe.clip = .norm(1)  // as `train` has it in this mode
    settings = TrainingSettings(recipe: recipe, mode: .async, seed: 1)
    shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
  }

  /// Measures one after the other.
  func measure(_ connections: [Int], transports: [String]) throws -> Figures {
    let copied = Measuring.copiedBytesPerSecond()
    let cost = try ServerCost(core: makeCore(), dataset: dataset, gradient: gradient)
    var rates: [Rate] = []
    for transport in transports {
      for count in connections {
        let rate = try roundTrips(transport: transport, connections: count)
        let bytes = rate * Double(2 * gradient.bytes.count)
        rates.append(
          Rate(
            transport: transport, connections: count, roundTripsPerSecond: rate,
            megabytesPerSecond: bytes / 1e6, shareOfCopy: bytes / copied))
      }
    }
    return Figures(
      elements: gradient.count, copiedGigabytesPerSecond: copied / 1e9, cost: cost, rates: rates)
  }

  private func makeCore() -> ServerCore {
    let weights = settings.recipe.initialWeights(shape: shape, seed: settings.seed)
    return ServerCore(
      ServerState(
        settings: settings, dataset: dataset.fingerprint,
        optimizer: Optimizer(shape: shape, weights: weights)),
      dataset: dataset, incarnation: 1, policy: Policy(checkpoints: .never))
  }

  private var gradient: EncodedTensor {
    var random = RandomSource(seed: 1, stream: 1)
    let values = (0..<shape.layout.count).map { _ in (random.uniform() - 0.5) * 1e-3 }
    return EncodedTensor(float32: values, shape: [values.count])
  }

  private func roundTrips(transport: String, connections: Int) throws -> Double {
    let folder = FileManager.default.temporaryDirectory.path
    let path = "\(folder)/tributary-bench-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let clock = MonotonicClock()
    let trouble = StandIns.Trouble()
    var server = try ServerProcess(
      core: makeCore(), endpoint: transport == "ipc" ? "ipc://\(path)" : "tcp://127.0.0.1:0",
      context: Context(), clock: clock, signals: SignalDescriptor())
    let standIns = StandIns(
      endpoint: server.endpoint, dataset: dataset.fingerprint, plan: server.core.plan,
      gradient: gradient)
    let ended = try standIns.start(connections, context: Context(), trouble: trouble)
    let counter = RoundTripCounter(
      connections: connections, seconds: seconds, trouble: trouble, at: clock.now)
    let result = try server.run(counter, until: { counter.isDone })
    _ = ended.wait(timeout: .now() + .seconds(5))
    if let signal = result.signal {
      throw Failure.exit(signal.exitStatus, "stopped by \(signal.name)")
    }
    guard let rate = counter.rate else {
      throw Failure.exit(
        .tryAgain,
        "the stand-in workers did not come to work: \(trouble.text ?? "not in time")")
    }
    return rate
  }
}

/// Counts the updates of a server between two moments, and stops it then.
private final class RoundTripCounter: ServerOutput {
  /// Updates in a second, once they are counted.
  private(set) var rate: Double?
  /// Whether the measurement has ended, with or without a rate.
  private(set) var isDone = false
  private let connections: Int
  private let seconds: Double
  private let trouble: StandIns.Trouble
  private let made: Moment
  private var workers = 0
  private var count = 0
  private var warmSince: Moment?
  private var begin: (time: Moment, count: Int)?

  private static let warmUp = Duration.milliseconds(300)
  private static let patience = Duration.seconds(30)

  init(connections: Int, seconds: Double, trouble: StandIns.Trouble, at now: Moment) {
    self.connections = connections
    self.seconds = seconds
    self.trouble = trouble
    made = now
  }

  func receive(_ report: Report, at now: Moment) {
    switch report {
    case .joined(_, let workers), .left(_, _, let workers): self.workers = workers
    case .stepped: count += 1
    default: break
    }
  }

  func checkpoint(_ state: ServerState) {}

  func tick(at now: Moment) {
    isDone = isDone || trouble.text != nil
    if let begin {
      let elapsed = now.since(begin.time).seconds
      guard elapsed >= seconds, rate == nil else { return }
      rate = Double(count - begin.count) / elapsed
      isDone = true
      return
    }
    guard workers == connections else {
      isDone = isDone || now.since(made) > Self.patience
      return
    }
    let since = warmSince ?? now
    warmSince = since
    if now.since(since) >= Self.warmUp { begin = (now, count) }
  }
}

extension ServerBench.Figures {
  /// Prints tables.
  fileprivate func show() {
    print("server of \(elements) weights, async; copy loop \(Measuring.text(copied)) GB/s")
    print("")
    print(cost.table)
    print("")
    var table = TextTable("connections", "round trips/s", "MB/s", "of the copy loop")
    for rate in rates {
      table.add(
        "\(rate.transport) \(rate.connections)", Measuring.text(rate.roundTripsPerSecond),
        Measuring.text(rate.megabytesPerSecond),
        Measuring.text(rate.shareOfCopy * 100) + " %")
    }
    print(table.text)
  }

  private var copied: Double { copiedGigabytesPerSecond }
}
