import ArgumentParser
import Foundation
import Processes
import TestSupport
import Testing

@testable import tributary

/// The manual pages beside the program that they describe.
@Suite(.enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct ManualPageTests {
  private static let commands = Tributary.configuration.subcommands.compactMap {
    $0.configuration.commandName
  }

  private static func write(to path: String) throws -> Command.Outcome {
    try Command.python([
      Repository.path("scripts/support/manual-pages"), Program.executable.path, path,
    ]).run()
  }

  /// The text of a page as a user reads it, without the marks of roff.
  private static func text(_ roff: String) -> String {
    roff.replacing(#/\\f[A-Z]/#, with: "").replacing("\\-", with: "-")
      .replacing("\\e", with: "\\").replacing("\\&", with: "")
  }

  @Test func everyCommandHasAPageWithItsOptionsExitCodesAndVariables() throws {
    let folder = try TemporaryFolder()
    let end = try Self.write(to: folder.path)
    try #require(end.status == 0, "\(end.errors)")
    let pages = Set(try folder.names())
    #expect(Self.commands.count > 5)
    #expect(pages == Set(["tributary.1"] + Self.commands.map { "tributary-\($0).1" }))
    for page in pages {
      let text = Self.text(try folder.text(page))
      for (status, meaning) in ExitStatus.meanings {
        #expect(text.contains(".B \(status.rawValue)\n\(meaning)\n"), "\(page), \(meaning)")
      }
      #expect(text.contains("TRIBUTARY_SEED") && text.contains(".SH SEE ALSO\n"))
    }
    for command in Self.commands {
      let text = Self.text(try folder.text("tributary-\(command).1"))
      for item in CommandOptions(of: [command]).items {
        #expect(text.contains("--\(item.name)"), "\(command), \(item.name)")
      }
      #expect(!text.contains("--end-with-input"), "a hidden option")
    }
    for command in ["train", "server", "worker", "keys", "evaluate"] {
      #expect(try folder.text("tributary-\(command).1").contains("metrics.jsonl"))
    }
  }

  @Test(.enabled(if: Command("man", ["--version"]).output() != nil, "install man-db"))
  func thePagesHaveNoErrors() throws {
    let folder = try TemporaryFolder()
    _ = try Self.write(to: folder.path)
    for page in try folder.names() {
      let end = try Command("man", ["--warnings", "-l", folder.file(page)]).run()
      #expect(end.status == 0 && end.errors.isEmpty, "\(page): \(end.errors)")
      #expect(end.output.contains("EXIT STATUS"))
    }
  }

  @Test func wrongArgumentsAreNamed() throws {
    let script = Repository.path("scripts/support/manual-pages")
    let usage = try Command.python([script]).run()
    #expect(usage.status == 64 && usage.errors.contains("PROGRAM FOLDER"))
    let other = try Command.python([script, "/bin/false", "pages"]).run()
    #expect(other.status == 70 && other.errors.contains("/bin/false"))
  }
}
