import Numerics

/// A flat vector of 32-bit floats that travels in pieces. Copies of the value share its memory.
package struct PiecewiseVector: Sendable {
  private enum Storage: Sendable {
    case encoded([EncodedTensor])
    case plain([Float], TransferLimits)
  }

  private let storage: Storage
  /// The number of elements.
  package let count: Int

  /// Creates a vector from encoded pieces, in order; each but the last has the same number of
  /// elements.
  package init(pieces: [EncodedTensor]) {
    storage = .encoded(pieces)
    count = pieces.reduce(0) { $0 + $1.count }
  }

  /// Encodes `values` in pieces, once for all receivers.
  package init(_ values: [Float], limits: TransferLimits = TransferLimits()) {
    let plain = PiecewiseVector(plain: values, limits: limits)
    self.init(pieces: plain.pieces)
  }

  /// Creates a vector whose pieces are encoded when they are sent: to one receiver, while earlier
  /// ones are on their way.
  package init(plain values: [Float], limits: TransferLimits = TransferLimits()) {
    storage = .plain(values, limits)
    count = values.count
  }

  /// The number of pieces.
  package var pieceCount: Int {
    switch storage {
    case .encoded(let pieces): pieces.count
    case .plain(let values, let limits): limits.pieceCount(elements: values.count)
    }
  }

  /// Returns the encoded piece at `index`.
  package func piece(at index: Int) -> EncodedTensor {
    switch storage {
    case .encoded(let pieces): pieces[index]
    case .plain(let values, let limits):
      EncodedTensor(float32: values[limits.elements(ofPiece: index, of: values.count)])
    }
  }

  /// Returns the size in bytes of the elements in the piece at `index`.
  package func payloadByteCount(ofPiece index: Int) -> Int {
    switch storage {
    case .encoded(let pieces): pieces[index].payloadByteCount
    case .plain(let values, let limits): 4 * limits.elements(ofPiece: index, of: values.count).count
    }
  }

  /// All pieces in order.
  package var pieces: [EncodedTensor] { (0..<pieceCount).map(piece(at:)) }

  /// The elements. Not a copy if the vector was created as a plain one.
  ///
  /// - Precondition: all pieces have type float32.
  package var floats: [Float] {
    switch storage {
    case .encoded(let pieces):
      Kernels.floats(
        from: pieces.map(\.content), at: EncodedTensor.payloadOffset, count: count)
    case .plain(let values, _): values
    }
  }
}

extension PiecewiseVector: Hashable {
  /// Whether two vectors consist of the same pieces, to the bit.
  package static func == (left: PiecewiseVector, right: PiecewiseVector) -> Bool {
    left.pieceCount == right.pieceCount
      && (0..<left.pieceCount).allSatisfy { left.piece(at: $0) == right.piece(at: $0) }
  }

  package func hash(into hasher: inout Hasher) {
    for index in 0..<pieceCount { hasher.combine(piece(at: index)) }
  }
}
