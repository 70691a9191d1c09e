import Bytes

/// A file that is not a valid IDX file of the expected kind.
package enum IDXError: StorageError, Hashable {
  /// The file ends within its header; sizes in bytes.
  case headerTruncated(path: String, size: Int, expected: Int)
  /// The first four bytes are not those of the expected kind of file.
  case wrongMagic(path: String, found: UInt32, expected: UInt32)
  /// A dimension is 0.
  case emptyDimension(path: String, field: String)
  /// A dimension exceeds its limit.
  case dimensionTooLarge(path: String, field: String, value: Int, limit: Int)
  /// The file is shorter than its dimensions require; sizes in bytes, uncompressed.
  case truncated(path: String, size: Int, expected: Int)
  /// The file is longer than its dimensions require; sizes in bytes, uncompressed.
  case trailingBytes(path: String, size: Int, expected: Int)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .headerTruncated(let path, let size, let expected):
      "\(path): header: \(size) bytes where an IDX header has \(expected); download it again"
    case .wrongMagic(let path, let found, let expected):
      "\(path): magic: 0x\(found.hexadecimal) where 0x\(expected.hexadecimal) is expected; "
        + magicRemedy(found)
    case .emptyDimension(let path, let field):
      "\(path): \(field): 0; use a file that is not empty"
    case .dimensionTooLarge(let path, let field, let value, let limit):
      "\(path): \(field): \(value), over the limit of \(limit); check that it is the right file"
    case .truncated(let path, let size, let expected):
      "\(path): length: \(size) bytes where the header requires \(expected); download it again"
    case .trailingBytes(let path, let size, let expected):
      "\(path): length: \(size) bytes, \(size - expected) more than the header requires; "
        + "download it again"
    }
  }

  private func magicRemedy(_ found: UInt32) -> String {
    switch found {
    case 0x0801: "it contains labels, check whether the image and label files are swapped"
    case 0x0803: "it contains images, check whether the image and label files are swapped"
    default: "download it again"
    }
  }
}
