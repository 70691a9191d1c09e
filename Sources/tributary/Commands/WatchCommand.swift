import ArgumentParser
import Coordination
import Foundation
import Processes
import Telemetry
import ZeroMQ

/// The command that shows the progress of a run from anywhere, with an observer's key.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch", abstract: "Show the progress of a run, with an observer's invitation.",
    discussion: """
      Make the invitation with: tributary keys invite NAME --role observer

      An observer changes nothing: the server refuses anything but requests for the progress.
      """)

  @Option(
    help: ArgumentHelp(
      "Invitation of an observer: its file, its text, or - for standard input.",
      discussion: "The environment variable \(Invitation.variable) may contain it instead.",
      valueName: "invitation"), completion: .file())
  var join: String?

  @Flag(help: "Print the progress once.")
  var once = false

  @OptionGroup var wait: WaitOptions

  func validate() throws {
    guard source != nil else {
      throw ValidationError("there is no server; use --join INVITATION")
    }
  }

  private var source: String? { join ?? Invitation.ofEnvironment }

  func run() throws {
    try Failure.report {
      let observer = try RunObserver(
        JoinOptions.location(source ?? "", role: .observer), context: Context())
      repeat {
        let seen = try observer.observe(within: .seconds(wait.connectTimeout))
        try StandardOutput.writeLine(
          "\(seen.recipe), \(seen.mode): \(Formatting.grouped(seen.samples)) samples")
        if !once { Thread.sleep(forTimeInterval: 1) }
      } while !once
    }
  }
}
