import Coordination
import Foundation
import Logging

/// A child of a launcher that is restarted after a crash, within the limits of its policy.
final class SupervisedProcess {
  /// A reason for which the process is stopped by SIGSTOP. It is continued when none is left.
  enum Hold: Hashable {
    /// Fault injection stopped it.
    case fault
    /// The launcher is suspended.
    case suspension
  }

  /// The restart after an end that was caused on purpose and does not count against the limit.
  enum UncountedRestart {
    /// After the same pause as a crash.
    case afterPause
    /// Without a pause, whatever the exit code.
    case immediate
  }

  /// The name in log messages.
  let name: String
  /// The end of the last process; nil before that, and if a restart was cancelled.
  private(set) var ending: ChildEnding?
  /// Whether the last process has ended and none will be started.
  private(set) var isOver = false
  /// The restart to follow if the running process is being ended on purpose.
  var uncountedRestart: UncountedRestart?

  private var process: ChildProcess?
  private var policy: RestartPolicy
  private var holds: Set<Hold> = []
  private var started = Moment(nanoseconds: 0)
  /// The time of the next start.
  private var due: Moment? = Moment(nanoseconds: 0)
  private let logger: Logger

  /// Creates a supervised process that is due to be started.
  init(_ name: String, policy: RestartPolicy, logger: Logger) {
    self.name = name
    self.policy = policy
    self.logger = logger
  }

  /// Whether a process runs.
  var isRunning: Bool { process?.isRunning ?? false }

  /// Sends a signal to the process, if one runs.
  func send(_ signal: Int32) { process?.send(signal) }

  /// Stops the process until every hold is removed.
  func add(_ hold: Hold) {
    holds.insert(hold)
    send(SIGSTOP)
  }

  /// Removes a hold and continues the process if no other is left.
  func remove(_ hold: Hold) {
    guard holds.remove(hold) != nil, holds.isEmpty else { return }
    send(SIGCONT)
  }

  /// Cancels all restarts; a process that runs is the last one.
  func cancelRestarts() {
    due = nil
    guard process == nil else { return }
    isOver = true
    ending = nil
  }

  /// Starts the process if it is due.
  func startIfDue(at now: Moment, _ start: () throws(ProcessError) -> ChildProcess) {
    guard let due, now >= due else { return }
    self.due = nil
    started = now
    uncountedRestart = nil
    holds = []
    do {
      process = try start()
    } catch {
      end(with: .unstarted(reason: "\(error)"), mayRestart: true, at: now)
    }
  }

  /// Detects whether the process has ended, and schedules a restart if there will be one.
  func check(mayRestart: Bool, at now: Moment) {
    guard let ending = process?.ending else { return }
    process = nil
    end(with: ending, mayRestart: mayRestart, at: now)
  }

  private func end(with ending: ChildEnding, mayRestart: Bool, at now: Moment) {
    self.ending = ending
    log(ending)
    guard mayRestart else {
      isOver = true
      return
    }
    if uncountedRestart == .immediate {
      due = now
      return
    }
    let decision = policy.decide(
      on: ending, life: now.since(started), isProvoked: uncountedRestart != nil)
    switch decision {
    case .over: isOver = true
    case .exhausted:
      isOver = true
      logger.warning(
        "process is not restarted",
        metadata: ["process.name": "\(name)", "process.restarts": "\(policy.restarts)"])
    case .restart(let pause):
      due = now.advanced(by: pause)
      logger.warning(
        "process will be restarted",
        metadata: [
          "process.name": "\(name)", "process.restarts": "\(policy.restarts)/\(policy.limit)",
          "pause": "\(pause)",
        ])
    }
  }

  /// Logs how the process ended. A server that exits has printed a message itself.
  private func log(_ ending: ChildEnding) {
    var metadata: Logger.Metadata = ["process.name": "\(name)"]
    switch ending {
    case .exited(let code):
      if policy.role == .server { return }
      metadata["process.status"] = "\(code.rawValue)"
    case .killed(let signal): metadata["process.signal"] = "\(signal)"
    case .unstarted(let reason): metadata["reason"] = "\(reason)"
    }
    let level = ending == .exited(.finished) ? Logger.Level.debug : .warning
    logger.log(level: level, "process ended", metadata: metadata)
  }
}
