/// The exit status of a launcher, and a message for standard error that the server has not printed.
package struct LauncherExit: Sendable, Equatable {
  /// The exit status.
  package let status: ExitStatus
  /// One line: the fault, and the remedy.
  package let message: String?
}

/// The facts that decide how a launcher exits.
struct LauncherOutcome {
  /// The end of the last server; nil if none was running.
  var server: ChildEnding?
  /// The stop that a signal requested.
  var stop: StopSequence?
  /// Whether the launcher has killed the server because it did not stop in time.
  var isServerOverdue = false
  /// Whether no worker is left that could be restarted.
  var isExhausted = false
  /// The exit status of the first worker that failed.
  var workerFailure: ExitStatus?
  /// The folder of a run that can be resumed; nil if none has begun.
  var resumable: String?

  /// The exit status and the message.
  var exit: LauncherExit {
    if let stop { return self.exit(after: stop) }
    switch server {
    case .exited(.tryAgain) where isExhausted:
      return LauncherExit(status: workerFailure ?? .tryAgain, message: nil)
    case .exited(let code): return LauncherExit(status: code, message: nil)
    case .killed(let number):
      return LauncherExit(
        status: .tryAgain,
        message: "the server was killed by signal \(number) and is not restarted" + remedy)
    case .unstarted(let reason): return LauncherExit(status: .tryAgain, message: reason)
    case nil: return LauncherExit(status: .tryAgain, message: "no server was started")
    }
  }

  private func exit(after stop: StopSequence) -> LauncherExit {
    let name = stop.signal.name
    switch server {
    case .exited(let code): return LauncherExit(status: code, message: nil)
    case .killed where isServerOverdue:
      let fault =
        stop.isHastened
        ? "the server was killed \(stop.grace) after a second \(name)"
        : "the server did not stop within \(stop.grace) of \(name) and was killed"
      return LauncherExit(status: stop.signal.exitStatus, message: fault + remedy)
    case .killed(let number):
      return LauncherExit(
        status: stop.signal.exitStatus,
        message: "the server was killed by signal \(number) while it was stopping" + remedy)
    case .unstarted, nil:
      return LauncherExit(
        status: stop.signal.exitStatus, message: "stopped by \(name) while no server was running")
    }
  }

  private var remedy: String {
    resumable.map { "; --resume \($0) continues from the last checkpoint" } ?? ""
  }
}
