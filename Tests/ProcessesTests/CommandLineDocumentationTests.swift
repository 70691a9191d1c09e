import Coordination
import Foundation
import Learning
import Processes
import Testing

/// The page about the command line beside the tables it documents.
@Suite struct CommandLineDocumentationTests {
  private static let page: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let path = "Sources/tributary/CommandLine.docc/CommandLine.md"
    return (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
  }()

  /// The rows of the table of settings in Markdown.
  private static var settings: [String] {
    TrainingSettings.definitions.flatMap(\.options).map { "| `--\($0.name)` | \($0.help) |" }
  }

  @Test func everySettingIsARowOfTheTable() {
    let rows = Self.page.split(separator: "\n").filter { $0.hasPrefix("| `--") }.map(String.init)
    #expect(rows == Self.settings, "write \(Self.settings.joined(separator: "\n"))")
  }

  @Test func everyExitCodeIsARowOfTheTable() {
    for (status, meaning) in ExitStatus.meanings {
      #expect(Self.page.contains("| \(status.rawValue) | \(meaning) |"), "\(meaning)")
    }
  }
}
