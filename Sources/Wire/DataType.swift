/// Element type of a tensor on the wire; the raw value is its code in the header.
package enum DataType: UInt8, Sendable, Hashable, CaseIterable {
  /// IEEE 754 binary32.
  case float32 = 1
  /// IEEE 754 binary64.
  case float64 = 2
  /// Two's complement, 32 bits.
  case int32 = 3
  /// Two's complement, 64 bits.
  case int64 = 4
  /// One unsigned byte.
  case uint8 = 5

  /// The size of one element in bytes.
  package var byteCount: Int {
    switch self {
    case .uint8: 1
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }
}
