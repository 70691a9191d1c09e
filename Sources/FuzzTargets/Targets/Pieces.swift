import Wire

extension FuzzTarget {
  /// A vector in pieces of any size has the same elements, bit for bit, after each piece was
  /// encoded and decoded.
  static let pieces = FuzzTarget(
    "pieces", "vectors in pieces"
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let limits = TransferLimits(
      pieceElements: 1 + source.below(16), windowBytes: Int(source.oddInteger(UInt32.self)))
    let values = (0..<source.below(70)).map { _ in Float(bitPattern: source.oddInteger()) }
    let plain = PiecewiseVector(plain: values, limits: limits)
    let encoded = PiecewiseVector(values, limits: limits)
    try require(plain == encoded, "the pieces of a vector depend on the time of their encoding")
    try require(
      plain.pieceCount == limits.pieceCount(elements: values.count), "the number of pieces")
    var received: [EncodedTensor] = []
    for (index, piece) in encoded.pieces.enumerated() {
      try require(
        piece.count == limits.elements(ofPiece: index, of: values.count).count
          && piece.payloadByteCount == plain.payloadByteCount(ofPiece: index), "a piece's size")
      let message = Message.piece(Piece(transfer: 1, index: UInt32(index), values: piece))
      guard case .piece(let decoded)? = try? Message(frames: message.encoded()) else {
        throw Finding("a piece of a vector is rejected")
      }
      received.append(decoded.values)
    }
    let bits = PiecewiseVector(pieces: received).floats.map(\.bitPattern)
    try require(bits == values.map(\.bitPattern), "a vector changes on its way")
  }
}
