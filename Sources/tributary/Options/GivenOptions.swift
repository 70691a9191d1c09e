import Coordination
import Foundation
import Learning
import Storage

/// Options that are given outside of the command line: in the environment, as `TRIBUTARY_` and the
/// name in capitals, and in a file of settings (`--config`). The command line has precedence over
/// the environment, and that over the file.
enum GivenOptions {
  /// An option that cannot be used; the source is a variable, or a file with a key.
  enum Malformed: Error, Equatable, CustomStringConvertible {
    /// The value of a flag.
    case flag(source: String, value: String)
    /// A key that no option of the command has.
    case unknown(source: String, command: String)
    /// A file that is not a JSON object of texts, numbers and truth values.
    case notAnObject(path: String)

    var description: String {
      switch self {
      case .flag(let source, let value):
        "\(source) cannot be '\(value)'; use 1, true, 0 or false"
      case .unknown(let source, let command):
        "\(source) is not an option of \(command); see tributary \(command) --help"
      case .notAnObject(let path):
        "\(path) is not a file of settings; use a JSON object of texts, numbers and truth values, "
          + "such as the settings.json of a run"
      }
    }
  }

  /// The beginning of the names of variables.
  static let prefix = "TRIBUTARY_"
  /// Size of a file of settings, at most.
  private static let mostBytes = 1 << 20

  /// Returns the arguments with those of the environment and of the file of settings.
  ///
  /// - Throws: ``Malformed``, or a `StorageError` of the file.
  static func adding(
    to arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> [String] {
    let variables = environment.filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
    guard !variables.isEmpty || configuration(in: arguments) != nil else { return arguments }
    let options = CommandOptions(of: arguments)
    var all = arguments
    for item in options.items {
      let variable = prefix + item.name.uppercased().replacingOccurrences(of: "-", with: "_")
      guard let value = variables[variable] else { continue }
      try add(item, value, source: variable, to: &all)
    }
    guard let path = configuration(in: all) else { return all }
    for (key, value) in try read(path).sorted(by: { $0.key < $1.key }) {
      let (name, value) = option(key, value)
      let source = "\(key) in \(path)"
      guard let item = options.items.first(where: { $0.name == name }) else {
        throw Malformed.unknown(source: source, command: arguments.first ?? "")
      }
      try add(item, value, source: source, to: &all)
    }
    return all
  }

  /// Adds an option unless it is given, before the end of the options.
  private static func add(
    _ item: CommandOptions.Item, _ value: String, source: String, to arguments: inout [String]
  ) throws {
    var word = "--\(item.name)=\(value)"
    if item.isFlag {
      switch value.lowercased() {
      case "1", "true": word = "--\(item.name)"
      case "0", "false": return
      default: throw Malformed.flag(source: source, value: value)
      }
    }
    guard !CommandOptions.isGiven(item.name, in: arguments) else { return }
    arguments.insert(word, at: arguments.firstIndex(of: "--") ?? arguments.endIndex)
  }

  /// The path of the file of settings among the arguments.
  private static func configuration(in arguments: [String]) -> String? {
    let given = Array(arguments.prefix { $0 != "--" })
    for (index, word) in given.enumerated() {
      if word.hasPrefix("--config=") { return String(word.dropFirst("--config=".count)) }
      if word == "--config", index + 1 < given.count { return given[index + 1] }
    }
    return nil
  }

  private static func read(_ path: String) throws -> [String: String] {
    let bytes = try InputFile.read(path: path, limit: mostBytes)
    let object = try? JSONDecoder().decode([String: Value].self, from: Data(bytes))
    guard let object else { throw Malformed.notAnObject(path: path) }
    return object.mapValues(\.text)
  }

  /// Returns the option of a key: a setting that several options set has the name of one of them
  /// before its value, such as `epochs:3`.
  private static func option(_ key: String, _ value: String) -> (name: String, value: String) {
    let definition = TrainingSettings.definitions.first { $0.key == key }
    for option in definition?.options ?? [] where option.name != key {
      let beginning = "\(option.name):"
      if value.hasPrefix(beginning) {
        return (option.name, String(value.dropFirst(beginning.count)))
      }
    }
    return (key, value)
  }

  /// A text, a number or a truth value.
  private struct Value: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let flag = try? container.decode(Bool.self) {
        text = "\(flag)"
      } else if let number = try? container.decode(Int.self) {
        text = "\(number)"
      } else if let number = try? container.decode(Double.self) {
        text = "\(number)"
      } else {
        text = try container.decode(String.self)
      }
    }
  }
}
