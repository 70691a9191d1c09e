/// An owner of immutable memory, such as that of a received message.
package protocol BytesOwner: AnyObject, Sendable {
  /// The memory, whose address and contents do not change during the owner's lifetime.
  var memory: UnsafeRawBufferPointer { get }
}

/// An immutable sequence of bytes, backed by an array or by memory of a ``BytesOwner``. Copies of
/// the value share the memory.
public struct Bytes: Sendable {
  private enum Storage: Sendable {
    case array([UInt8])
    case owned(any BytesOwner)
  }

  private let storage: Storage
  /// The number of bytes.
  public let count: Int

  /// Creates bytes that share the memory of an array.
  public init(_ array: [UInt8]) {
    storage = .array(array)
    count = array.count
  }

  /// Creates bytes backed by an owner's memory. The owner is retained.
  package init(_ owner: any BytesOwner) {
    storage = .owned(owner)
    count = unsafe owner.memory.count
  }

  /// The bytes as an array: the array they were created from, or a copy of the owner's memory.
  public var array: [UInt8] {
    switch storage {
    case .array(let array): array
    case .owned: prefix(count)
    }
  }

  /// Returns a copy of the first `count` bytes, or of all bytes if there are fewer.
  public func prefix(_ count: Int) -> [UInt8] {
    unsafe withMemory { unsafe Array($0.prefix(count)) }
  }

  /// Calls `body` with the memory, which must not be used after the call returns.
  public func withMemory<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch storage {
    case .array(let array): unsafe array.withUnsafeBytes(body)
    case .owned(let owner): withExtendedLifetime(owner) { unsafe body(owner.memory) }
    }
  }
}

extension Bytes: Hashable {
  /// Returns whether both values contain the same bytes.
  public static func == (one: Bytes, other: Bytes) -> Bool {
    if case (.array(let one), .array(let other)) = (one.storage, other.storage) {
      return one == other
    }
    return unsafe one.withMemory { one in unsafe other.withMemory { unsafe one.elementsEqual($0) } }
  }

  /// Hashes the bytes into a hasher.
  public func hash(into hasher: inout Hasher) {
    unsafe withMemory { unsafe hasher.combine(bytes: $0) }
  }
}
