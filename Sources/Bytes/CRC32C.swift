internal import CChecksum

/// CRC-32C, the cyclic redundancy check with the Castagnoli polynomial (RFC 3720, appendix B.4).
package enum CRC32C {
  /// Returns the checksum of the bytes in `range`, or of all bytes.
  ///
  /// - Precondition: `range` is within the bytes.
  package static func checksum(_ bytes: Bytes, _ range: Range<Int>? = nil) -> UInt32 {
    unsafe checksum(bytes, range, from: 0, with: Implementation.best)
  }

  /// Returns the checksum of an array's bytes in `range`, or of all bytes.
  ///
  /// - Precondition: `range` is within the array.
  package static func checksum(_ bytes: [UInt8], _ range: Range<Int>? = nil) -> UInt32 {
    checksum(Bytes(bytes), range)
  }

  /// Returns the checksum computed by one implementation, continued from the checksum `crc` of the
  /// preceding bytes.
  static func checksum(
    _ bytes: Bytes, _ range: Range<Int>? = nil, from crc: UInt32,
    with function: Implementation.Function
  ) -> UInt32 {
    let range = range ?? 0..<bytes.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "range \(range) is not within 0..<\(bytes.count)")
    return unsafe bytes.withMemory { bytes in
      guard let start = unsafe bytes.assumingMemoryBound(to: UInt8.self).baseAddress else {
        return crc
      }
      return unsafe function(crc, start + range.lowerBound, range.count)
    }
  }
}

extension CRC32C {
  /// An implementation of CRC-32C. All implementations return the same result.
  enum Implementation: CaseIterable, Sendable {
    /// Carry-less multiplication of 512-bit vectors (x86-64 with AVX-512 F and VPCLMULQDQ).
    case folding
    /// The CRC instruction of x86-64 and arm64.
    case instruction
    /// A lookup table, available on every processor.
    case table

    /// A function that continues a checksum (0 at the start) over the given number of bytes.
    typealias Function = @convention(c) (UInt32, UnsafePointer<UInt8>, Int) -> UInt32

    /// The fastest implementation on this processor.
    static let best: Function = unsafe cc_crc32c

    /// The implementation's function; nil if the processor does not support it.
    var function: Function? {
      switch self {
      case .folding: unsafe cc_crc32c_folding()
      case .instruction: unsafe cc_crc32c_instruction()
      case .table: unsafe cc_crc32c_portable
      }
    }
  }
}
