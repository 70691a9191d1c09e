import Foundation

/// The program's arguments, checked and prepared for the parser.
enum ArgumentList {
  /// An argument that is not valid UTF-8. Swift replaces its bytes, so that a path in it would
  /// name another file.
  struct Malformed: Error, Equatable, CustomStringConvertible {
    /// The number of the argument, from 1.
    let position: Int
    /// The option in or before the argument, if there is one.
    let option: String?

    var description: String {
      let place = option.map { ", the value of \($0)," } ?? ""
      return "argument \(position)\(place) is not valid UTF-8; use UTF-8 for all arguments"
    }
  }

  /// Returns the arguments of this process, without the program's name.
  ///
  /// - Throws: ``Malformed`` for the first argument that is not valid UTF-8.
  static func ofThisProcess() throws -> [String] {
    let arguments = Array(CommandLine.arguments.dropFirst())
    // Only where bytes were replaced, or the replacement character itself is given, look at bytes.
    if arguments.contains(where: { $0.unicodeScalars.contains("\u{FFFD}") }),
      let bytes = FileManager.default.contents(atPath: "/proc/self/cmdline"),
      let malformed = firstMalformed(in: bytes)
    {
      throw malformed
    }
    return joiningNegativeNumbers(arguments)
  }

  /// Returns the first argument that is not valid UTF-8.
  ///
  /// - Parameter commandLine: the program's name and the arguments, each followed by a zero byte.
  static func firstMalformed(in commandLine: Data) -> Malformed? {
    let words = commandLine.split(separator: 0, omittingEmptySubsequences: false)
    for (position, word) in words.enumerated().dropFirst()
    where String(bytes: word, encoding: .utf8) == nil {
      let text = String(decoding: word, as: UTF8.self)
      let before = String(decoding: words[position - 1], as: UTF8.self)
      let option = text.contains("=") ? text.split(separator: "=").first.map(String.init) : before
      return Malformed(position: position, option: option.flatMap { isOption($0) ? $0 : nil })
    }
    return nil
  }

  /// Returns the arguments with a negative number joined to the option before it, as in
  /// `--seed=-1`. The parser would take the number for an option and report a missing value.
  static func joiningNegativeNumbers(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    for (index, argument) in arguments.enumerated() {
      guard argument != "--" else { return joined + arguments[index...] }
      if let option = joined.last, isOption(option), !option.contains("="), isNegative(argument) {
        joined[joined.count - 1] = "\(option)=\(argument)"
      } else {
        joined.append(argument)
      }
    }
    return joined
  }

  private static func isOption(_ argument: String) -> Bool {
    argument.hasPrefix("--") && argument.count > 2
  }

  private static func isNegative(_ argument: String) -> Bool {
    argument.hasPrefix("-") && Double(argument) != nil
  }
}
