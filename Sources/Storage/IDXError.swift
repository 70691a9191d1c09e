import Bytes

/// An IDX file broke one of its rules.
package enum IDXError: StorageError, Hashable {
  /// It ends within its header; sizes in bytes.
  case headerTruncated(path: String, size: Int, expected: Int)
  /// Its first four bytes are not those of the kind of file wanted.
  case wrongMagic(path: String, found: UInt32, expected: UInt32)
  /// A dimension is 0.
  case emptyDimension(path: String, field: String)
  /// A dimension exceeds what is accepted.
  case dimensionTooLarge(path: String, field: String, value: Int, limit: Int)
  /// It is shorter than its dimensions say; sizes in bytes, uncompressed.
  case truncated(path: String, size: Int, expected: Int)
  /// It is longer than its dimensions say; sizes in bytes, uncompressed.
  case trailingBytes(path: String, size: Int, expected: Int)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .headerTruncated(let path, let size, let expected):
      "\(path): header: \(size) bytes where an IDX header has \(expected); fetch it again"
    case .wrongMagic(let path, let found, let expected):
      "\(path): magic: 0x\(found.hexadecimal) where 0x\(expected.hexadecimal) is expected; "
        + magicRemedy(found)
    case .emptyDimension(let path, let field):
      "\(path): \(field): 0; use a file that has some"
    case .dimensionTooLarge(let path, let field, let value, let limit):
      "\(path): \(field): \(value), over the limit of \(limit); check that it is the right file"
    case .truncated(let path, let size, let expected):
      "\(path): length: \(size) bytes where the header says \(expected); fetch it again"
    case .trailingBytes(let path, let size, let expected):
      "\(path): length: \(size) bytes, \(size - expected) more than the header says; "
        + "fetch it again"
    }
  }

  private func magicRemedy(_ found: UInt32) -> String {
    switch found {
    case 0x0801: "these are labels, were the image and label files swapped?"
    case 0x0803: "these are images, were the image and label files swapped?"
    default: "it is not the IDX file wanted, fetch it again"
    }
  }
}
