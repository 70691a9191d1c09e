import Storage

extension FuzzTarget {
  /// An IDX file, valid or with one wrong field: its dimensions are within their limits, and their
  /// product is the number of its elements.
  static let idx = FuzzTarget("idx", "files of images and labels") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let hasImages = source.byte() & 1 == 1
    let fields = hasImages ? IDXFile.imageFields : IDXFile.labelFields
    var content = source.byte() & 1 == 1 ? source.rest() : file(of: fields.count, &source)
    if !source.isEmpty { Frame.lie(&content, &source) }
    guard let file = try? IDXFile(content, path: "file", fields: fields) else { return }
    try require(
      file.dimensions.count == fields.count && file.dimensions.allSatisfy { $0 > 0 }
        && file.dimensions.dropFirst().allSatisfy { $0 <= IDXFile.sideLimit },
      "the dimensions are \(file.dimensions)")
    try require(
      file.elements.count == file.dimensions.reduce(1, *)
        && file.elements.upperBound == content.count, "the elements are not those of the shape")
  }

  /// Returns a valid file of up to 7 elements in each dimension.
  private static func file(of rank: Int, _ source: inout ByteSource) -> [UInt8] {
    let dimensions = (0..<rank).map { _ in UInt8(1 + source.below(7)) }
    let count = dimensions.reduce(1) { $0 * Int($1) }
    var header: [UInt8] = [0, 0, 8, UInt8(rank)]
    for dimension in dimensions { header += [0, 0, 0, dimension] }
    return header + (0..<count).map { UInt8(truncatingIfNeeded: $0) }
  }
}
