/// The exit code of a launcher, and a message for standard error that the server has not printed.
package struct LauncherExit: Sendable, Equatable {
  /// The exit code.
  package let code: Int32
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
  /// The exit code of the first worker that failed.
  var workerFailure: Int32?
  /// The folder of a run that can be resumed; nil if none has begun.
  var resumable: String?

  private static let tryAgain: Int32 = 75

  /// The exit code and the message.
  var exit: LauncherExit {
    if let stop { return self.exit(after: stop) }
    switch server {
    case .exited(Self.tryAgain) where isExhausted:
      return LauncherExit(code: workerFailure ?? Self.tryAgain, message: nil)
    case .exited(let code): return LauncherExit(code: code, message: nil)
    case .killed(let number):
      return LauncherExit(
        code: Self.tryAgain,
        message: "the server was killed by signal \(number) and is not restarted" + remedy)
    case .unstarted(let reason): return LauncherExit(code: Self.tryAgain, message: reason)
    case nil: return LauncherExit(code: Self.tryAgain, message: "no server was started")
    }
  }

  private func exit(after stop: StopSequence) -> LauncherExit {
    let name = stop.signal.name
    switch server {
    case .exited(let code): return LauncherExit(code: code, message: nil)
    case .killed where isServerOverdue:
      let fault =
        stop.isHastened
        ? "the server was killed \(stop.grace) after a second \(name)"
        : "the server did not stop within \(stop.grace) of \(name) and was killed"
      return LauncherExit(code: stop.signal.exitCode, message: fault + remedy)
    case .killed(let number):
      return LauncherExit(
        code: stop.signal.exitCode,
        message: "the server was killed by signal \(number) while it was stopping" + remedy)
    case .unstarted, nil:
      return LauncherExit(
        code: stop.signal.exitCode, message: "stopped by \(name) while no server was running")
    }
  }

  private var remedy: String {
    resumable.map { "; --resume \($0) continues from the last checkpoint" } ?? ""
  }
}
