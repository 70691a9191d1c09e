/// A JSON text as a tree, in which one node can be replaced by a lie.
indirect enum JSONValue: Sendable {
  /// Anything that is written as it is: a number, a keyword, or a text that is not JSON.
  case literal(String)
  case text(String)
  case list([JSONValue])
  /// Members in order; names may be repeated.
  case object([(name: String, value: JSONValue)])

  /// Creates a number.
  static func number(_ value: some FixedWidthInteger) -> JSONValue { .literal("\(value)") }

  /// Creates an object of texts, sorted by name.
  static func texts(_ texts: [String: String]) -> JSONValue {
    .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) })
  }

  /// The text.
  var rendered: String {
    switch self {
    case .literal(let literal): literal
    case .text(let text): Self.quoted(text)
    case .list(let values): "[" + values.map(\.rendered).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.name) + ":" + $0.value.rendered }.joined(separator: ",")
        + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\0"..<" ":
        quoted +=
          "\\u00" + (scalar.value < 16 ? "0" : "")
          + String(scalar.value, radix: 16)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  // MARK: Lies

  /// The number of nodes, including this one.
  var nodeCount: Int {
    switch self {
    case .literal, .text: 1
    case .list(let values): values.reduce(1) { $0 + $1.nodeCount }
    case .object(let members): members.reduce(1) { $0 + $1.value.nodeCount }
    }
  }

  /// Applies one lie to a node.
  mutating func lie(_ source: inout ByteSource) {
    var index = source.below(nodeCount)
    lie(at: &index, &source)
  }

  /// Applies the lie to the node at `index`, counted from this one; `index` becomes negative.
  private mutating func lie(at index: inout Int, _ source: inout ByteSource) {
    defer { index -= 1 }
    guard index > 0 else { return lieHere(&source) }
    index -= 1
    switch self {
    case .literal, .text: index += 1
    case .list(var values):
      for place in values.indices where index >= 0 { values[place].lie(at: &index, &source) }
      self = .list(values)
      index += 1
    case .object(var members):
      for place in members.indices where index >= 0 {
        members[place].value.lie(at: &index, &source)
      }
      self = .object(members)
      index += 1
    }
  }

  private mutating func lieHere(_ source: inout ByteSource) {
    switch (self, source.below(6)) {
    case (.text, 0...3): self = .text(OddText.text(&source))
    case (.list(var values), 0...2) where !values.isEmpty:
      let place = source.below(values.count)
      if source.byte() & 1 == 1 { values.append(values[place]) } else { values.remove(at: place) }
      self = .list(values)
    case (.object(var members), 0...4) where !members.isEmpty:
      let place = source.below(members.count)
      switch source.below(3) {
      case 0: members.append(members[place])
      case 1: members.remove(at: place)
      default: members[place].name = OddText.text(&source)
      }
      self = .object(members)
    default: self = .literal(OddText.literal(&source))
    }
  }
}
