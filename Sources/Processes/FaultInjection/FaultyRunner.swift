import Coordination
import Foundation
import Wire

/// A runner that fails where it is told to: fault injection, as by a bug or a broken machine.
final class FaultyRunner: JobRunner {
  private let runner: any JobRunner
  private let crash: Crash
  private let hang: Int?
  private var leases = 0

  /// Makes `runner` crash, or hang at a lease, counted from 1.
  init(_ runner: any JobRunner, crash: Crash, hang: Int?) {
    self.runner = runner
    self.crash = crash
    self.hang = hang
  }

  func run(_ job: Job) throws -> LeaseResult? {
    if case .compute = job {
      leases += 1
      while leases == hang { Thread.sleep(forTimeInterval: 3600) }
    }
    let result = try runner.run(job)
    if case .load = job { crash.pass(.load) }
    if result != nil { crash.pass(.computed) }
    return result
  }
}
