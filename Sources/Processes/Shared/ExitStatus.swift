/// The exit code of a process, with the meaning that all commands give it (after sysexits.h).
///
/// A structure and not an enumeration: a child process may end with any code.
package struct ExitStatus: RawRepresentable, Hashable, Sendable {
  /// The code as the operating system reports it.
  package let rawValue: Int32

  /// Creates a status from a process's exit code.
  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// The work is complete, or the process stopped as requested.
  package static let finished = ExitStatus(rawValue: 0)
  /// A simulation broke a rule.
  package static let ruleBroken = ExitStatus(rawValue: 1)
  /// The command line is wrong.
  package static let usage = ExitStatus(rawValue: 64)
  /// The input data are wrong.
  package static let badData = ExitStatus(rawValue: 65)
  /// No server answered in time.
  package static let unavailable = ExitStatus(rawValue: 69)
  /// The training diverged.
  package static let diverged = ExitStatus(rawValue: 70)
  /// The machine computes wrong results: EX_OSERR, since the system below the program has a fault.
  package static let faultyMachine = ExitStatus(rawValue: 71)
  /// Reading or writing failed.
  package static let inputOutput = ExitStatus(rawValue: 74)
  /// A temporary condition; the same command may succeed later.
  package static let tryAgain = ExitStatus(rawValue: 75)
  /// The settings do not fit this host, run or server.
  package static let badSettings = ExitStatus(rawValue: 78)

  /// The status of a process that a signal ended, as shells report it: 128 plus its number.
  package static func signal(_ number: Int32) -> ExitStatus { ExitStatus(rawValue: 128 + number) }

  /// The statuses that do not come from a signal, with their meanings, in ascending order.
  package static let meanings: [(status: ExitStatus, meaning: String)] = [
    (.finished, "success"), (.ruleBroken, "a simulation broke a rule"), (.usage, "wrong usage"),
    (.badData, "bad data"), (.unavailable, "server not reached in time"),
    (.diverged, "training diverged"), (.faultyMachine, "machine computes wrongly"),
    (.inputOutput, "input or output failed"), (.tryAgain, "temporary failure (try again)"),
    (.badSettings, "bad configuration"),
  ]

  /// The statuses of processes that stopped because of a signal.
  package static let stopped = SignalDescriptor.Signal.allCases.map(\.exitStatus)

  /// One sentence for `--help`: each status with its meaning.
  package static var summary: String {
    let codes = meanings.map { "\($0.status.rawValue) \($0.meaning)" }
    let signals = SignalDescriptor.Signal.allCases.map {
      "\($0.exitStatus.rawValue) stopped by \($0.name)"
    }
    return "Exit codes: " + (codes + signals).joined(separator: ", ") + "."
  }
}
