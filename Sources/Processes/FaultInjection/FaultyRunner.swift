import Coordination
import Foundation
import Wire

/// A runner that crashes or hangs at a given job: fault injection, like a bug or a broken machine.
final class FaultyRunner: JobRunner {
  private let runner: any JobRunner
  private let trigger: CrashTrigger
  private let hang: Int?
  private var leases = 0

  /// Creates a runner that forwards to `runner`, with crash points after weights are loaded and
  /// after a lease is computed.
  ///
  /// - Parameter hang: the lease that never completes, counted from 1; nil for none.
  init(_ runner: any JobRunner, trigger: CrashTrigger, hang: Int?) {
    self.runner = runner
    self.trigger = trigger
    self.hang = hang
  }

  func run(_ job: Job) throws -> LeaseResult? {
    if case .compute = job {
      leases += 1
      while leases == hang { Thread.sleep(forTimeInterval: 3600) }
    }
    let result = try runner.run(job)
    if case .load = job { trigger.pass(.load) }
    if result != nil { trigger.pass(.computed) }
    return result
  }
}
