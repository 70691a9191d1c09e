internal import CChecksum

/// CRC-32C, the cyclic redundancy check with Castagnoli's polynomial (RFC 3720, appendix B.4).
package enum CRC32C {
  /// The checksum of the bytes within `range`, or of all of them.
  ///
  /// - Precondition: the range lies within the bytes.
  package static func checksum(_ bytes: Bytes, _ range: Range<Int>? = nil) -> UInt32 {
    checksum(bytes, range, from: 0, with: Implementation.best)
  }

  /// The checksum of the bytes of an array within `range`, or of all of them.
  ///
  /// - Precondition: the range lies within the array.
  package static func checksum(_ bytes: [UInt8], _ range: Range<Int>? = nil) -> UInt32 {
    checksum(Bytes(bytes), range)
  }

  /// The checksum by one implementation, continued from the checksum `crc` of earlier bytes.
  static func checksum(
    _ bytes: Bytes, _ range: Range<Int>? = nil, from crc: UInt32,
    with function: Implementation.Function
  ) -> UInt32 {
    let range = range ?? 0..<bytes.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "\(range) is not in 0..<\(bytes.count)")
    return bytes.withMemory { bytes in
      guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return crc }
      return function(crc, start + range.lowerBound, range.count)
    }
  }
}

extension CRC32C {
  /// An implementation of CRC-32C; all of them give the same result.
  enum Implementation: CaseIterable, Sendable {
    /// Carry-less multiplication of 512-bit vectors (x86-64 with AVX-512 F and VPCLMULQDQ).
    case folding
    /// The CRC instruction of x86-64 and arm64.
    case instruction
    /// A lookup table, on every processor.
    case table

    /// A function that continues a checksum, 0 at the start, over a number of bytes.
    typealias Function = @convention(c) (UInt32, UnsafePointer<UInt8>, Int) -> UInt32

    /// The fastest implementation on this processor.
    static let best: Function = cc_crc32c

    /// The function, or nil where the processor does not support it.
    var function: Function? {
      switch self {
      case .folding: cc_crc32c_folding()
      case .instruction: cc_crc32c_instruction()
      case .table: cc_crc32c_portable
      }
    }
  }
}
