/// Memory that does not change as long as its owner lives, such as that of a received message.
package protocol BytesOwner: AnyObject, Sendable {
  /// The memory, the same for as long as the owner lives.
  var memory: UnsafeRawBufferPointer { get }
}

/// Bytes that do not change, and are shared, not copied, by all that hold them: those of an array,
/// or of memory that somebody else owns.
public struct Bytes: Sendable {
  private enum Storage: Sendable {
    case array([UInt8])
    case owned(any BytesOwner)
  }

  private let storage: Storage
  /// The number of bytes.
  public let count: Int

  /// The bytes of an array, which are not copied.
  public init(_ array: [UInt8]) {
    storage = .array(array)
    count = array.count
  }

  /// The memory of an owner, which is kept alive.
  package init(_ owner: any BytesOwner) {
    storage = .owned(owner)
    count = owner.memory.count
  }

  /// The bytes as an array: the one that they were made of, or else a copy.
  public var array: [UInt8] {
    switch storage {
    case .array(let array): array
    case .owned: prefix(count)
    }
  }

  /// A copy of the first bytes, at most `count`.
  public func prefix(_ count: Int) -> [UInt8] { withMemory { Array($0.prefix(count)) } }

  /// Calls `body` with the memory, which is valid only during the call.
  public func withMemory<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch storage {
    case .array(let array): array.withUnsafeBytes(body)
    case .owned(let owner): withExtendedLifetime(owner) { body(owner.memory) }
    }
  }
}

extension Bytes: Hashable {
  /// Whether both have the same bytes.
  public static func == (one: Bytes, other: Bytes) -> Bool {
    if case (.array(let one), .array(let other)) = (one.storage, other.storage) {
      return one == other
    }
    return one.withMemory { one in other.withMemory { one.elementsEqual($0) } }
  }

  /// Feeds the bytes into a hasher.
  public func hash(into hasher: inout Hasher) { withMemory { hasher.combine(bytes: $0) } }
}
