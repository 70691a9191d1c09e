import ArgumentParser
import Coordination
import Foundation
import Learning

/// The options of the commands, as the parser describes them.
struct CommandOptions {
  /// An option or a flag with its long name, without hyphens.
  struct Item: Hashable {
    let name: String
    let isFlag: Bool
  }

  /// The options of the command that the arguments name.
  let items: [Item]

  /// The options of which one excludes the other.
  private static let pairs =
    [("join", "connect"), ("resume", "run"), ("resume", "continue")]
    + TrainingSettings.definitions.map { $0.options.map(\.name) }.filter { $0.count == 2 }
    .map { ($0[0], $0[1]) }

  /// Creates the options of the command that the first arguments name.
  ///
  /// - Parameter description: the parser's description of the program, as JSON.
  init(of arguments: [String], description: String = Tributary._dumpHelp()) {
    let program = try? JSONDecoder().decode(Program.self, from: Data(description.utf8))
    var command = program?.command
    for word in arguments {
      guard let next = command?.subcommands?.first(where: { $0.commandName == word }) else { break }
      command = next
    }
    items = command?.items ?? []
  }

  /// Returns whether an option, or one that excludes it, is among the arguments.
  static func isGiven(_ name: String, in arguments: [String]) -> Bool {
    let others = pairs.flatMap { $0 == name ? [$1] : $1 == name ? [$0] : [] }
    let given = arguments.prefix { $0 != "--" }
    return ([name] + others).contains { option in
      given.contains { $0 == "--\(option)" || $0.hasPrefix("--\(option)=") }
    }
  }
}

/// The part of the parser's description that is needed here.
private struct Program: Decodable {
  struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind, name: String
      }

      let kind: String
      let names: [Name]?
      let shouldDisplay: Bool
    }

    let commandName: String
    let arguments: [Argument]?
    let subcommands: [Command]?

    var items: [CommandOptions.Item] {
      (arguments ?? []).compactMap { argument in
        guard argument.shouldDisplay, argument.kind != "positional",
          let name = argument.names?.first(where: { $0.kind == "long" })?.name,
          name != "help", name != "version"
        else { return nil }
        return CommandOptions.Item(name: name, isFlag: argument.kind == "flag")
      }
    }
  }

  let command: Command
}
