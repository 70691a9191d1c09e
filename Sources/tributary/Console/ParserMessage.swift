import ArgumentParser

/// The messages for arguments that the parser refuses.
enum ParserMessage {
  /// Returns one line for an error of the parser: what is wrong, and what to do.
  static func line(for error: any Error, arguments: [String]) -> String {
    let (command, rest) = command(of: arguments)
    if let name = rest.first, !name.hasPrefix("-"), !command.configuration.subcommands.isEmpty {
      return unknownCommand(name, of: command, path: arguments.dropLast(rest.count))
    }
    let message = Tributary.message(for: error).split(separator: "\n").joined(separator: " ")
    let text = rewritten(message)
    guard !text.contains("; ") else { return text }
    return text + "; see '\(path(arguments.dropLast(rest.count)))--help'"
  }

  /// Returns the command that the first arguments name, and the arguments after its name.
  private static func command(
    of arguments: [String]
  ) -> (command: any ParsableCommand.Type, rest: ArraySlice<String>) {
    var command: any ParsableCommand.Type = Tributary.self
    var rest = arguments[...]
    while let name = rest.first, let next = subcommand(name, of: command) {
      (command, rest) = (next, rest.dropFirst())
    }
    return (command, rest)
  }

  private static func subcommand(
    _ name: String, of command: any ParsableCommand.Type
  ) -> (any ParsableCommand.Type)? {
    command.configuration.subcommands.first { $0.configuration.commandName == name }
  }

  private static func unknownCommand(
    _ name: String, of command: any ParsableCommand.Type, path: ArraySlice<String>
  ) -> String {
    let names = command.configuration.subcommands.compactMap { $0.configuration.commandName }
    let remedy =
      suggestion(for: name, of: names).map { "did you mean '\($0)'?" }
      ?? "see '\(Self.path(path))--help'"
    return "'\(name)' is not a command; \(remedy)"
  }

  private static func path(_ names: ArraySlice<String>) -> String {
    (["tributary"] + names).map { $0 + " " }.joined()
  }

  /// Returns the name that is most similar to `name`, if one is similar enough for a typing error
  /// or begins with it.
  static func suggestion(for name: String, of names: [String]) -> String? {
    if let longer = names.first(where: { $0.hasPrefix(name) }) { return longer }
    let limit = max(2, name.count / 3)
    return names.map { (name: $0, distance: distance(name, $0)) }
      .filter { $0.distance <= limit }.min { $0.distance < $1.distance }?.name
  }

  /// Returns the number of characters to insert, remove or replace to get from `one` to `other`.
  private static func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other)
    var row = Array(0...other.count)
    for (index, character) in one.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in 1...max(1, other.count) where column <= other.count {
        let replaced = diagonal + (character == other[column - 1] ? 0 : 1)
        diagonal = row[column]
        row[column] = min(replaced, row[column] + 1, row[column - 1] + 1)
      }
    }
    return row[other.count]
  }

  /// Returns the parser's message about a malformed value or an unknown option in the style of this
  /// program.
  static func rewritten(_ message: String) -> String {
    let pattern = #/The value '(.*)' is invalid for '(--[^ ']+|<[^']+>)(?: <[^']+>)?'(?:: (.*))?/#
    guard let match = message.wholeMatch(of: pattern) else {
      return message.replacing("'. Did you mean '", with: "'; did you mean '")
    }
    return match.3.map(String.init) ?? "\(match.2) cannot be '\(match.1)'"
  }
}
