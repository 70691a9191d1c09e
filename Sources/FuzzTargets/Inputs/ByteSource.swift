/// A source of decisions: the bytes of an input, one after another, then zeros.
///
/// A fuzzer changes the bytes and thereby the decisions. So an input describes a structured object,
/// such as a message with a wrong length, and small changes of the input change the object a
/// little.
package struct ByteSource: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  /// Creates a source.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Whether all bytes were taken.
  package var isEmpty: Bool { position >= bytes.count }

  /// Takes the next byte; 0 at the end.
  package mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    defer { position += 1 }
    return bytes[position]
  }

  /// Takes an integer, least significant byte first.
  package mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type = Value.self
  ) -> Value {
    var value: Value = 0
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      value |= Value(truncatingIfNeeded: byte()) << Value(shift)
    }
    return value
  }

  /// Takes an integer that is often a boundary: 0, 1, the maximum, or a power of two and its
  /// neighbours.
  package mutating func oddInteger<Value: FixedWidthInteger & UnsignedInteger>(
    _ type: Value.Type = Value.self
  ) -> Value {
    let choice = byte()
    let power: Value = 1 << Value(truncatingIfNeeded: choice & 63)
    switch choice >> 6 {
    case 0: return Value(truncatingIfNeeded: byte())
    case 1: return power &- Value(truncatingIfNeeded: byte() & 3)
    case 2: return Value.max &- power &+ Value(truncatingIfNeeded: byte() & 3)
    default: return integer()
    }
  }

  /// Takes a number from 0 to one less than `bound`, which is at least 1.
  package mutating func below(_ bound: Int) -> Int {
    bound <= 256 ? Int(byte()) % max(bound, 1) : Int(integer(UInt32.self)) % bound
  }

  /// Takes a decision that is true once in `number` of all bytes.
  package mutating func oneIn(_ number: Int) -> Bool { below(number) == number - 1 }

  /// Takes an element of a nonempty list.
  package mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  /// Takes up to `count` bytes.
  package mutating func take(_ count: Int) -> [UInt8] {
    let end = position + min(max(count, 0), bytes.count - position)
    defer { position = end }
    return Array(bytes[position..<end])
  }

  /// Takes all bytes that are left.
  package mutating func rest() -> [UInt8] { take(bytes.count) }

  /// Takes a text of up to `count` bytes; bytes that are not UTF-8 are replaced.
  package mutating func text(_ count: Int) -> String {
    String(decoding: take(below(count + 1)), as: UTF8.self)
  }
}
