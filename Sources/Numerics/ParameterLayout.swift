import Bytes

/// The arrangement of named tensors in one flat vector: the trainable tensors first, then
/// statistics (moving averages), which are stored with the weights but have no gradient.
package struct ParameterLayout: Sendable, Hashable {
  /// One tensor of the vector.
  package struct Entry: Sendable, Hashable {
    /// The tensor's name, such as "lstm/kernel".
    package let name: String
    /// The tensor's dimensions, outermost first; elements are in row-major order.
    package let shape: [Int]
    /// Whether the tensor has a gradient.
    package let trainable: Bool

    /// Creates an entry for a tensor.
    package init(_ name: String, _ shape: [Int], trainable: Bool = true) {
      precondition(
        shape.allSatisfy { $0 >= 0 }, "the shape \(shape) of \(name) has a negative dimension")
      self.name = name
      self.shape = shape
      self.trainable = trainable
    }

    /// Number of elements.
    package var count: Int { shape.reduce(1, *) }
  }

  /// The tensors in the order of the vector.
  package let entries: [Entry]
  /// Number of elements in the vector.
  package let count: Int
  /// Number of trainable elements, which are at the start of the vector.
  package let trainableCount: Int
  private let ranges: [String: Range<Int>]

  /// Creates a layout of tensors with distinct names, trainable tensors before the others.
  package init(_ entries: [Entry]) {
    var ranges: [String: Range<Int>] = [:]
    var (end, trainableEnd) = (0, 0)
    for entry in entries {
      precondition(ranges[entry.name] == nil, "two tensors are named \(entry.name)")
      precondition(
        !entry.trainable || trainableEnd == end,
        "the trainable tensor \(entry.name) follows one that is not trainable")
      ranges[entry.name] = end..<end + entry.count
      end += entry.count
      if entry.trainable { trainableEnd = end }
    }
    self.entries = entries
    self.ranges = ranges
    (count, trainableCount) = (end, trainableEnd)
  }

  /// Returns the range of a tensor's elements in the vector; the name must be in the layout.
  package func range(of name: String) -> Range<Int> {
    guard let range = ranges[name] else { preconditionFailure("no tensor is named \(name)") }
    return range
  }

  /// Returns the offset of a tensor in the vector; the name must be in the layout.
  package func offset(of name: String) -> Int { range(of: name).lowerBound }

  /// Returns whether the layout contains a tensor with the given name.
  package func contains(_ name: String) -> Bool { ranges[name] != nil }

  /// The 64-bit FNV-1a hash of names, shapes and roles. Equal layouts have equal fingerprints.
  package var fingerprint: UInt64 {
    var hash = FNV1a()
    for entry in entries {
      let shape = entry.shape.map(String.init).joined(separator: ",")
      hash.combine("\(entry.name)[\(shape)]\(entry.trainable ? "t" : "s");".utf8)
    }
    return hash.value
  }
}
