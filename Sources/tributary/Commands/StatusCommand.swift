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

  @OptionGroup var wait: WaitOptions

  func validate() throws {
    guard source != nil else {
      throw ValidationError("there is no run; use tributary status RUN, or an INVITATION")
    }
  }

  private var source: String? { folder ?? Invitation.ofEnvironment }

  func run() throws {
    try Failure.report {
      Invitation.hideFromProcessList()
      let state = try RunState(within: .seconds(wait.connectTimeout)).read(source ?? "")
      if json {
        try StandardOutput.write(String(decoding: state.json(), as: UTF8.self))
      } else {
        try StandardOutput.writeLine(state.table)
      }
    }
  }
}
