import Bytes

/// Named tensors as successive parts of one flat vector: the trainable ones first, then statistics
/// (moving averages), which are stored with the weights but have no gradient.
package struct ParameterLayout: Sendable, Hashable {
  /// One tensor of the vector.
  package struct Entry: Sendable, Hashable {
    /// The tensor's name, like "lstm/kernel".
    package let name: String
    /// Its dimensions, outermost first; row-major.
    package let shape: [Int]
    /// Whether it has a gradient.
    package let trainable: Bool

    /// A tensor by name and shape.
    package init(_ name: String, _ shape: [Int], trainable: Bool = true) {
      precondition(shape.allSatisfy { $0 >= 0 }, "\(name) cannot have the shape \(shape)")
      self.name = name
      self.shape = shape
      self.trainable = trainable
    }

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }
  }

  /// The tensors in the order of the vector.
  package let entries: [Entry]
  /// Length of the vector.
  package let count: Int
  /// Length of its trainable part, with which it begins.
  package let trainableCount: Int
  private let ranges: [String: Range<Int>]

  /// A layout of tensors with distinct names, the trainable ones before the others.
  package init(_ entries: [Entry]) {
    var ranges: [String: Range<Int>] = [:]
    var (end, trainableEnd) = (0, 0)
    for entry in entries {
      precondition(ranges[entry.name] == nil, "two tensors are named \(entry.name)")
      precondition(!entry.trainable || trainableEnd == end, "\(entry.name) follows statistics")
      ranges[entry.name] = end..<end + entry.count
      end += entry.count
      if entry.trainable { trainableEnd = end }
    }
    self.entries = entries
    self.ranges = ranges
    (count, trainableCount) = (end, trainableEnd)
  }

  /// The part of the vector that a tensor takes; the name must be in the layout.
  package func range(of name: String) -> Range<Int> {
    guard let range = ranges[name] else { preconditionFailure("no tensor is named \(name)") }
    return range
  }

  /// Where a tensor begins; the name must be in the layout.
  package func offset(of name: String) -> Int { range(of: name).lowerBound }

  /// Whether a tensor of this name is in the layout.
  package func contains(_ name: String) -> Bool { ranges[name] != nil }

  /// FNV-1a (64 bits) over names, shapes and roles: equal layouts have equal fingerprints.
  package var fingerprint: UInt64 {
    var hash = FNV1a()
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      hash.combine("\(entry.name)[\(shape)]\(entry.trainable ? "t" : "s");".utf8)
    }
    return hash.value
  }
}
