import Coordination
import Foundation
import Learning
import Processes
import Synchronization
import Wire
import ZeroMQ

/// Workers that follow the whole protocol and compute nothing: they answer every lease at once with
/// the same gradient.
struct StandInWorkers: Sendable {
  /// The endpoint of the server.
  let endpoint: String
  /// The fingerprint of the server's dataset.
  let dataset: String
  /// The server's plan of batches.
  let plan: BatchPlan
  /// The content of every result.
  let gradient: PiecewiseVector

  /// Most threads that serve the workers; more would take cores from the server.
  private static let mostThreads = 4

  /// The first error of any stand-in worker.
  final class Failure: Sendable {
    private let reason = Mutex<String?>(nil)
    /// The error's description; nil while there is none.
    var text: String? { reason.withLock { $0 } }
    fileprivate func record(_ error: any Error) { reason.withLock { $0 = $0 ?? "\(error)" } }
  }

  /// Starts `count` workers, which run until the server ends the run.
  ///
  /// - Returns: a group to wait with until all have exited.
  /// - Throws: `ZeroMQError` if the process has no descriptors left.
  func start(_ count: Int, failure: Failure) throws(ZeroMQError) -> DispatchGroup {
    let group = DispatchGroup()
    let threads = min(count, Self.mostThreads)
    for index in 0..<threads {
      let names = stride(from: index, to: count, by: threads).map { "stand-in-\($0 + 1)" }
      let context = try Context()  // libzmq limits the sockets of a context
      group.enter()
      let thread = Thread {
        do {
          try serve(names, context: context)
        } catch {
          failure.record(error)
        }
        group.leave()
      }
      thread.start()
    }
    return group
  }

  /// Runs the workers with these names in the calling thread.
  private func serve(_ names: [String], context: Context) throws {
    let clock = MonotonicClock()
    let workers = try names.map {
      try StandInWorker(name: $0, of: self, context: context, at: clock.now)
    }
    var lastTick = clock.now
    var poller = Poller<Int>()
    for (index, worker) in workers.enumerated() { worker.add(to: &poller, as: index) }
    var reconnections = 0
    while workers.contains(where: { !$0.isOver }) {
      let count = workers.reduce(0) { $0 + $1.reconnections }
      if count != reconnections {
        reconnections = count
        poller = Poller<Int>()
        for (index, worker) in workers.enumerated() where !worker.isOver {
          worker.add(to: &poller, as: index)
        }
      }
      for event in try poller.wait(milliseconds: 100) {
        try workers[event.key].receive(at: clock.now)
        if workers[event.key].isOver { poller.remove(event.key) }
      }
      let now = clock.now
      guard now.since(lastTick) >= .milliseconds(100) else { continue }
      lastTick = now
      for worker in workers { try worker.handle(.tick, at: now) }
    }
  }
}
