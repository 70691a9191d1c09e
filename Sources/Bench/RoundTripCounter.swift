import Coordination
import Processes

/// Counts the updates of a server in a window of time that begins once all workers are connected
/// and warmed up.
final class RoundTripCounter: ServerOutput {
  /// Updates per second; nil until the window has ended.
  private(set) var rate: Double?
  /// Whether the server can stop: the rate is measured, a worker failed, or the workers did not
  /// connect in time.
  private(set) var isDone = false

  private let connections: Int
  private let seconds: Double
  private let failure: StandInWorkers.Failure
  private let created: Moment
  private var workers = 0
  private var count = 0
  private var connectedSince: Moment?
  private var begin: (time: Moment, count: Int)?

  private static let warmUp = Duration.milliseconds(300)
  private static let patience = Duration.seconds(30)

  /// Creates a counter that waits for `connections` workers and then counts for `seconds`.
  init(connections: Int, seconds: Double, failure: StandInWorkers.Failure, at now: Moment) {
    self.connections = connections
    self.seconds = seconds
    self.failure = failure
    created = now
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
    if failure.text != nil {
      isDone = true
    } else if let begin {
      end(begin, at: now)
    } else if workers == connections {
      let since = connectedSince ?? now
      connectedSince = since
      if now.since(since) >= Self.warmUp { begin = (now, count) }
    } else {
      isDone = now.since(created) > Self.patience
    }
  }

  private func end(_ begin: (time: Moment, count: Int), at now: Moment) {
    let elapsed = now.since(begin.time).seconds
    guard elapsed >= seconds, rate == nil else { return }
    rate = Double(count - begin.count) / elapsed
    isDone = true
  }
}
