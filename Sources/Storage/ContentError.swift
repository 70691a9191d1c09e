/// A safetensors file that is not a valid model or checkpoint of this program.
package enum ContentError: StorageError, Hashable {
  /// The header of a checkpoint has no checksum.
  case noChecksum(path: String)
  /// The checksum in the header is not that of the content.
  case damaged(path: String, stated: String, computed: String)
  /// A field of the metadata is missing or malformed.
  case field(path: String, field: String)
  /// The settings in the metadata are incomplete or invalid.
  case settings(path: String, reason: String)
  /// A tensor of the model is missing.
  case tensorMissing(path: String, tensor: String)
  /// A tensor has another shape than the settings require.
  case tensorShape(path: String, tensor: String, shape: [Int], expected: [Int])

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .noChecksum(let path):
      "\(path): no checksum in the header; "
        + "it is incomplete or not a checkpoint of tributary, use another one"
    case .damaged(let path, let stated, let computed):
      "\(path): checksum \(stated) in the header, \(computed) computed from the content; "
        + "it is incomplete or damaged, use another file"
    case .field(let path, let field):
      "\(path): metadata '\(field)' is missing or malformed; use a file that tributary wrote"
    case .settings(let path, let reason):
      "\(path): metadata: \(reason); use the version of tributary that wrote the file"
    case .tensorMissing(let path, let tensor):
      "\(path): tensor \(tensor) is missing; use a file that tributary wrote"
    case .tensorShape(let path, let tensor, let shape, let expected):
      "\(path): tensor \(tensor) has shape \(shape) where its settings require \(expected); "
        + "use a file that tributary wrote"
    }
  }
}
