import Coordination
import Logging

/// A child in a launcher's charge: one process after the other, as the policy has it.
final class Charge {
  /// What people call it.
  let name: String
  /// How the last process ended; nil if none did, or if another was to follow and did not.
  private(set) var ending: ChildEnding?
  /// Whether the last process has ended and no other will follow.
  private(set) var isOver = false
  /// What was done to the running process on purpose.
  var provocation: ChaosEvent.Action?

  private var process: ChildProcess?
  private var policy: RestartPolicy
  private var started = Moment(nanoseconds: 0)
  /// When the next process is to be started.
  private var due: Moment? = Moment(nanoseconds: 0)
  private let logger: Logger

  /// A child that is to be started for the first time.
  init(_ name: String, policy: RestartPolicy, logger: Logger) {
    self.name = name
    self.policy = policy
    self.logger = logger
  }

  /// Whether a process runs.
  var isRunning: Bool { process?.isRunning ?? false }

  /// Sends a signal to the process, if one runs.
  func send(_ signal: Int32) { process?.send(signal) }

  /// Ends it when its process does.
  func release() {
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
    provocation = nil
    do {
      process = try start()
    } catch {
      end(with: .unstarted(reason: "\(error)"), mayRestart: true, at: now)
    }
  }

  /// Sees whether the process has ended, and what follows.
  func check(mayRestart: Bool, at now: Moment) {
    guard let ending = process?.ending else { return }
    process = nil
    end(with: ending, mayRestart: mayRestart, at: now)
  }

  private func end(with ending: ChildEnding, mayRestart: Bool, at now: Moment) {
    self.ending = ending
    tell(ending)
    guard mayRestart else {
      isOver = true
      return
    }
    if provocation == .restart {
      due = now
      return
    }
    let decision = policy.decide(
      on: ending, life: now.since(started), isProvoked: provocation != nil)
    switch decision {
    case .over: isOver = true
    case .exhausted:
      isOver = true
      logger.warning(
        "process is not started again",
        metadata: ["process.name": "\(name)", "process.restarts": "\(policy.restarts)"])
    case .restart(let pause):
      due = now.advanced(by: pause)
      logger.warning(
        "process is started again",
        metadata: [
          "process.name": "\(name)", "process.restarts": "\(policy.restarts)/\(policy.limit)",
          "pause": "\(pause)",
        ])
    }
  }

  /// Says how the process ended; a server that ends by itself has said so itself.
  private func tell(_ ending: ChildEnding) {
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
