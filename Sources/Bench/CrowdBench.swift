import Coordination
import Foundation
import Learning
import Processes
import Wire
import ZeroMQ

/// Benchmark of a server with many connections: `tributary bench crowd`.
package struct CrowdBench {
  /// The load of a server with a number of workers.
  package struct Load: Encodable {
    /// Connected workers, each with heartbeats.
    package let workers: Int
    /// Processor time of the server's thread, as a share of one core.
    package let coreShare: Double
    /// Updates per second; 0 without leases.
    package let stepsPerSecond: Double
    /// Members that were evicted while the load was measured.
    package let evictions: Int
  }

  private let seconds: Double
  private let hasLeases: Bool
  private let dataset = DatasetDescription(
    fingerprint: "stand-in", training: 55_000, validation: 0, test: 0)

  /// Creates a benchmark over tcp loopback; each load is measured for `seconds`.
  ///
  /// - Parameter hasLeases: whether the workers also compute slices of synchronous steps, one slice
  ///   each, of a model with 8 units.
  package init(seconds: Double, hasLeases: Bool) {
    self.seconds = seconds
    self.hasLeases = hasLeases
  }

  /// Measures each number of workers, one after the other.
  ///
  /// - Throws: ``BenchError`` or `ZeroMQError`.
  package func measure(_ workers: [Int]) throws -> [Load] { try workers.map(load) }

  /// Returns the loads as a table.
  package static func table(_ loads: [Load]) -> String {
    var table = TextTable("workers", "core of the server", "steps/s", "evicted")
    for load in loads {
      table.add(
        "\(load.workers)", TextTable.number(load.coreShare * 100) + " %",
        TextTable.number(load.stepsPerSecond), "\(load.evictions)")
    }
    return table.text
  }

  private func load(workers count: Int) throws -> Load {
    var recipe = Recipe.v1
    recipe.units = 8
    recipe.batchSize = max(100, count)
    recipe.slices = hasLeases ? count : 8
    recipe.length = .steps(TrainingLength.maximumSteps)
    recipe.evaluateEvery = 0
    let settings = TrainingSettings(recipe: recipe, mode: .sync, seed: 1)
    let shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
    let weights = recipe.initialWeights(shape: shape, seed: 1)
    let state = ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(shape: shape, weights: weights))
    let policy = Policy(
      startWith: hasLeases ? count : count + 1, maximumWorkers: count, checkpoints: .never)
    let clock = MonotonicClock()
    var server = try ServerProcess(
      core: ServerCore(state, dataset: dataset, incarnation: 1, policy: policy),
      endpoints: ["tcp://127.0.0.1:0"], context: Context(), clock: clock,
      signals: SignalDescriptor())
    let failure = StandInWorkers.Failure()
    let crowd = StandInWorkers(
      endpoint: server.endpoints[0], dataset: dataset.fingerprint, plan: server.core.plan,
      gradient: PiecewiseVector([Float](repeating: 1e-6, count: weights.count)))
    let exited = try crowd.start(count, failure: failure)
    let meter = LoadMeter(workers: count, seconds: seconds, failure: failure, at: clock.now)
    let result = try server.run(meter, until: { meter.isDone })
    _ = exited.wait(timeout: .now() + .seconds(5))
    if let signal = result.signal { throw BenchError.stopped(signal) }
    guard let load = meter.load else { throw BenchError.workersFailed(reason: failure.text) }
    return load
  }
}

/// Measures the processor time of the server's thread once all workers are connected.
private final class LoadMeter: ServerOutput {
  private struct Start {
    let time: Moment
    let processorTime: Double
    let steps: Int
  }

  private(set) var load: CrowdBench.Load?
  private(set) var isDone = false
  private let workers: Int
  private let seconds: Double
  private let failure: StandInWorkers.Failure
  private let created: Moment
  private var present = 0
  private var evictions = 0
  private var steps = 0
  private var connectedSince: Moment?
  private var start: Start?

  private static let warmUp = Duration.seconds(2)
  private static let patience = Duration.seconds(60)

  init(workers: Int, seconds: Double, failure: StandInWorkers.Failure, at now: Moment) {
    self.workers = workers
    self.seconds = seconds
    self.failure = failure
    created = now
  }

  func receive(_ report: Report, at now: Moment) {
    switch report {
    case .joined(_, let workers): present = workers
    case .left(_, _, let workers):
      present = workers
      if start != nil, !isDone { evictions += 1 }
    case .stepped: steps += 1
    default: break
    }
  }

  func checkpoint(_ state: ServerState) {}

  func tick(at now: Moment) {
    if failure.text != nil {
      isDone = true
    } else if let start {
      end(start, at: now)
    } else if present == workers {
      let since = connectedSince ?? now
      connectedSince = since
      guard now.since(since) >= Self.warmUp else { return }
      start = Start(time: now, processorTime: Self.processorTime, steps: steps)
    } else {
      isDone = now.since(created) > Self.patience
    }
  }

  private func end(_ start: Start, at now: Moment) {
    let elapsed = now.since(start.time).seconds
    guard elapsed >= seconds, load == nil else { return }
    load = CrowdBench.Load(
      workers: workers, coreShare: (Self.processorTime - start.processorTime) / elapsed,
      stepsPerSecond: Double(steps - start.steps) / elapsed, evictions: evictions)
    isDone = true
  }

  /// Processor time of this thread in seconds.
  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
