extension FuzzTarget {
  /// The table of all targets; a new one is a file in the folder Targets and a line here.
  package static let all: [FuzzTarget] = [
    // bytes from peers
    .tensor, .message, .messageLie, .pieces, .server, .worker, .lease, .authentication,
    .gate,
    // files
    .idx, .gzip, .safetensors, .model, .checkpoint, .settingsFile, .metrics,
    // texts
    .settings, .options, .invitation, .keys,
  ]

  /// Returns the target with a name; nil if there is none.
  package static func named(_ name: String) -> FuzzTarget? {
    all.first { $0.name == name }
  }
}
