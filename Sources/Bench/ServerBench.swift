import Coordination
import Foundation
import Learning
import Numerics
import Processes
import Wire
import ZeroMQ

/// Benchmark of the parameter server with stand-in workers that compute nothing: `tributary bench
/// server`.
///
/// A round trip is one gradient pushed, checked, clipped and applied by Adam, and the new weights
/// pulled.
package struct ServerBench {
  /// All results of one run.
  package struct Figures: Encodable {
    /// Elements of the model's weights.
    package let elements: Int
    /// Memory that one core copies per second.
    package let copiedGigabytesPerSecond: Double
    /// The cost of a push in the server's thread, without its socket.
    package let cost: ServerCost
    /// One rate for each transport and number of connections.
    package let rates: [Rate]
  }

  /// The rate of round trips over one transport with a number of connections.
  package struct Rate: Encodable {
    /// `ipc` or `tcp`.
    package let transport: String
    /// Stand-in workers, each with a connection.
    package let connections: Int
    /// Round trips of all connections together.
    package let roundTripsPerSecond: Double
    /// Bytes of gradients and weights.
    package let megabytesPerSecond: Double
    /// These bytes as a share of those that the copy loop copies.
    package let shareOfCopy: Double
  }

  private let seconds: Double
  private let shape: ModelShape
  private let settings: TrainingSettings
  private let dataset = DatasetDescription(
    fingerprint: "stand-in", training: 55_000, validation: 5000, test: 10_000)

  /// Creates a benchmark of a model with `units` outputs; each rate is measured for `seconds`.
  package init(units: Int, seconds: Double) {
    self.seconds = seconds
    var recipe = Recipe.v1
    recipe.units = units
    recipe.batchSize = 100
    recipe.length = .steps(TrainingLength.maximumSteps)
    recipe.evaluateEvery = 0
    recipe.clip = .norm(1)  // the default of `tributary train` in mode async
    settings = TrainingSettings(recipe: recipe, mode: .async, seed: 1)
    shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
  }

  /// Measures each number of connections over each transport (`ipc` or `tcp`), one after the other.
  ///
  /// - Throws: ``BenchError`` or `ZeroMQError`.
  package func measure(_ connections: [Int], transports: [String]) throws -> Figures {
    let copied = Measure.copiedBytesPerSecond()
    let cost = try ServerCost(
      core: makeCore(transfers: TransferLimits()), dataset: dataset,
      gradient: gradient(TransferLimits()))
    var rates: [Rate] = []
    for transport in transports {
      for count in connections {
        let rate = try roundTrips(transport: transport, connections: count)
        let bytes = rate * Double(2 * 4 * shape.layout.count)
        rates.append(
          Rate(
            transport: transport, connections: count, roundTripsPerSecond: rate,
            megabytesPerSecond: bytes / 1e6, shareOfCopy: bytes / copied))
      }
    }
    return Figures(
      elements: shape.layout.count, copiedGigabytesPerSecond: copied / 1e9, cost: cost,
      rates: rates)
  }

  private func makeCore(transfers: TransferLimits) -> ServerCore {
    let weights = settings.recipe.initialWeights(shape: shape, seed: settings.seed)
    return ServerCore(
      ServerState(
        settings: settings, dataset: dataset.fingerprint,
        optimizer: Optimizer(shape: shape, weights: weights)),
      dataset: dataset, incarnation: 1, policy: Policy(checkpoints: .never, transfers: transfers))
  }

  private func gradient(_ transfers: TransferLimits) -> PiecewiseVector {
    var random = RandomSource(seed: 1, stream: 1)
    let values = (0..<shape.layout.count).map { _ in (random.uniform() - 0.5) * 1e-3 }
    return PiecewiseVector(values, limits: transfers)
  }

  private func roundTrips(transport: String, connections: Int) throws -> Double {
    let folder = FileManager.default.temporaryDirectory.path
    let path = "\(folder)/tributary-bench-\(UInt32.random(in: 0 ... .max))"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let transfers = transport == "ipc" ? TransferLimits.withinHost : TransferLimits()
    let clock = MonotonicClock()
    let failure = StandInWorkers.Failure()
    var server = try ServerProcess(
      core: makeCore(transfers: transfers),
      endpoints: [transport == "ipc" ? "ipc://\(path)" : "tcp://127.0.0.1:0"],
      context: Context(), clock: clock, signals: SignalDescriptor())
    let workers = StandInWorkers(
      endpoint: server.endpoints[0], dataset: dataset.fingerprint, plan: server.core.plan,
      gradient: gradient(transfers))
    let exited = try workers.start(connections, failure: failure)
    let counter = RoundTripCounter(
      connections: connections, seconds: seconds, failure: failure, at: clock.now)
    let result = try server.run(counter, until: { counter.isDone })
    _ = exited.wait(timeout: .now() + .seconds(5))
    if let signal = result.signal { throw BenchError.stopped(signal) }
    guard let rate = counter.rate else { throw BenchError.workersFailed(reason: failure.text) }
    return rate
  }
}

extension ServerBench.Figures {
  /// The results as tables under a line that describes the server.
  package var table: String {
    var table = TextTable("connections", "round trips/s", "MB/s", "of the copy loop")
    for rate in rates {
      table.add(
        "\(rate.transport) \(rate.connections)", TextTable.number(rate.roundTripsPerSecond),
        TextTable.number(rate.megabytesPerSecond),
        TextTable.number(rate.shareOfCopy * 100) + " %")
    }
    let copied = TextTable.number(copiedGigabytesPerSecond)
    return [
      "server of \(elements) weights, async; copy loop \(copied) GB/s", cost.table, table.text,
    ].joined(separator: "\n\n")
  }
}
