/// A file that is not a valid safetensors file.
package enum SafetensorsError: StorageError, Hashable {
  /// The file ends within its header; sizes in bytes.
  case headerTruncated(path: String, size: Int, expected: Int)
  /// The header exceeds its limit, both in bytes.
  case headerTooLong(path: String, length: UInt64, limit: Int)
  /// The header is not the JSON that the format requires.
  case headerInvalid(path: String, field: String, reason: String)
  /// A tensor's elements are not 32-bit floats.
  case unsupportedType(path: String, tensor: String, type: String)
  /// A tensor has a negative dimension, or too many elements to count.
  case invalidShape(path: String, tensor: String, shape: [Int])
  /// A tensor does not begin at the end of the previous one.
  case wrongOffsets(path: String, tensor: String, offsets: [Int], expected: Int)
  /// The number of a tensor's bytes does not match its shape.
  case sizeMismatch(path: String, tensor: String, shape: [Int], offsets: [Int])
  /// The file ends within a tensor; sizes in bytes after the header.
  case truncated(path: String, tensor: String, size: Int, expected: Int)
  /// Bytes follow the last tensor.
  case trailingBytes(path: String, count: Int)
  /// Two tensors have the same name, or one has the name that the format reserves.
  case nameTaken(path: String, tensor: String)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .headerTruncated(let path, let size, let expected):
      "\(path): header: the file has \(size) bytes, its header ends at \(expected); "
        + "the file is incomplete, write or copy it again"
    case .headerTooLong(let path, let length, let limit):
      "\(path): header: \(length) bytes, over the limit of \(limit); "
        + "check that it is a safetensors file"
    case .headerInvalid(let path, let field, let reason):
      "\(path): header\(field.isEmpty ? "" : " at \(field)"): \(reason); "
        + "check that it is a safetensors file"
    case .unsupportedType(let path, let tensor, let type):
      "\(path): \(tensor): elements of type \(type); convert them to F32"
    case .invalidShape(let path, let tensor, let shape):
      "\(path): \(tensor): shape \(shape) is invalid; write the file again"
    case .wrongOffsets(let path, let tensor, let offsets, let expected):
      "\(path): \(tensor): data_offsets \(offsets), expected to begin at \(expected); "
        + "write the file again"
    case .sizeMismatch(let path, let tensor, let shape, let offsets):
      "\(path): \(tensor): shape \(shape) does not match data_offsets \(offsets); "
        + "write the file again"
    case .truncated(let path, let tensor, let size, let expected):
      "\(path): \(tensor): the file has \(size) bytes of data, this tensor ends at \(expected); "
        + "the file is incomplete, write or copy it again"
    case .trailingBytes(let path, let count):
      "\(path): \(count) bytes follow the last tensor; write or copy it again"
    case .nameTaken(let path, let tensor):
      "\(path): \(tensor): the name is reserved or used twice; use a unique name for each tensor"
    }
  }
}
