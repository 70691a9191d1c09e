/// The 64-bit FNV-1a hash, a non-cryptographic fingerprint that is the same in every process.
/// Source: G. Fowler, L. C. Noll, K.-P. Vo, "The FNV Non-Cryptographic Hash Algorithm" (IETF
/// draft).
package struct FNV1a: Sendable, Hashable {
  /// The hash of the bytes appended so far.
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Creates the hash of the empty sequence.
  package init() {}

  /// Appends bytes to the hashed sequence.
  package mutating func combine(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
}
