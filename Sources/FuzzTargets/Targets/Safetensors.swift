import Storage

extension FuzzTarget {
  /// A safetensors file with lies in its header, or of any content: a file that is read has the
  /// tensors of its header, and is the same when it is written and read again.
  static let safetensors = FuzzTarget(
    "safetensors", "files of tensors", examples: [[1] + ((try? sample.serialized()) ?? [])]
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    guard source.byte() & 1 == 0 else { return try readTensors(source.rest()) }
    let valid = file(&source)
    var parts = SafetensorsParts(valid)
    try require(
      (try? Safetensors(parts.file, path: "file")) == valid, "a valid file is read as another one")
    parts.lie(&source)
    try readTensors(parts.file)
  }

  private static let sample = Safetensors(
    tensors: [.init(name: "a", shape: [2, 1], values: [1, -2])], metadata: ["key": "value"])

  /// Returns a file of up to three tensors and three texts.
  private static func file(_ source: inout ByteSource) -> Safetensors {
    var file = Safetensors(tensors: [])
    for number in 0..<source.below(4) {
      let shape = (0..<source.below(4)).map { _ in source.below(4) }
      let values = (0..<shape.reduce(1, *)).map { Float($0) }
      file.tensors.append(.init(name: "\(number)", shape: shape, values: values))
    }
    for number in 0..<source.below(4) { file.metadata["\(number)"] = OddText.text(&source) }
    return file
  }

  private static func readTensors(_ content: [UInt8]) throws(Finding) {
    guard let file = try? Safetensors(content, path: "file") else { return }
    for tensor in file.tensors {
      try require(
        tensor.shape.reduce(1, *) == tensor.values.count, "a tensor has other elements")
    }
    let size = file.tensors.reduce(0) { $0 + 4 * $1.values.count }
    try require(size <= content.count, "the tensors are larger than the file")
    guard let again = try? file.serialized() else { throw Finding("a file cannot be written") }
    guard let read = try? Safetensors(again, path: "file"), (try? read.serialized()) == again else {
      throw Finding("a written file is read as another one")
    }
  }
}
