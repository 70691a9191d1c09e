import Storage

extension FuzzTarget {
  /// Gzip files: valid members are inflated to their contents; a changed file is rejected or its
  /// content is within the limit.
  static let gzip = FuzzTarget("gzip", "compressed files") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    if source.byte() & 1 == 1 {
      return try inflate([0x1F, 0x8B, 8] + source.rest(), limit: 1 << 16)
    }
    var (file, content): ([UInt8], [UInt8]) = ([], [])
    for _ in 0...source.below(3) {
      let member = GzipMaker.member(&source)
      file += member.bytes
      content += member.content
    }
    let inflated = try? Gzip.inflate(file, path: "file", limit: content.count)
    try require(inflated == content, "\(file.count) bytes of a valid file are not inflated")
    if !content.isEmpty {
      try require(
        (try? Gzip.inflate(file, path: "file", limit: content.count - 1)) == nil,
        "a content exceeds the limit")
    }
    Frame.lie(&file, &source)
    try inflate(file, limit: 300)
  }

  private static func inflate(_ file: [UInt8], limit: Int) throws(Finding) {
    guard let content = try? Gzip.inflate(file, path: "file", limit: limit) else { return }
    try require(content.count <= limit, "\(content.count) bytes exceed the limit \(limit)")
  }
}
