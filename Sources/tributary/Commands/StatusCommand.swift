import ArgumentParser
import Foundation
import Processes
import Telemetry

/// The command that prints the state of a run, from anywhere.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Print the state of a run.",
    discussion: """
      The state is that of the run's server, or that in the files of the folder if there is none. \
      The phase is waiting (for workers), training, evaluating, complete, stopped or diverged.

      tributary status runs/NAME
      tributary status INVITATION --json
      """)

  @Argument(
    help: ArgumentHelp(
      "Folder of a run, an invitation (its file, its text, or - for standard input), or the "
        + "endpoint of a server without keys.",
      discussion: "The environment variable \(Invitation.variable) may contain an invitation.",
      valueName: "run|invitation"))
  var folder: String?

  @Flag(help: "Print the state as JSON.")
  var json = false

  @Option(help: ArgumentHelp("Time to wait for the server.", valueName: "seconds"))
  var connectTimeout = 10.0

  func validate() throws {
    guard (0.1...86_400).contains(connectTimeout) else {
      throw ValidationError(
        "--connect-timeout cannot be \(connectTimeout.optionText); use 0.1 to 86400 seconds")
    }
    guard source != nil else {
      throw ValidationError("there is no run; use tributary status RUN, or an INVITATION")
    }
  }

  private var source: String? {
    folder ?? ProcessInfo.processInfo.environment[Invitation.variable]
  }

  func run() throws {
    try Failure.report {
      Invitation.hideFromProcessList()
      let state = try RunState(within: .seconds(connectTimeout)).read(source ?? "")
      if json {
        try StandardOutput.write(String(decoding: state.json(), as: UTF8.self))
      } else {
        try StandardOutput.writeLine(state.table)
      }
    }
  }
}
