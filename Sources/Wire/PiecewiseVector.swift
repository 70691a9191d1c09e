import Bytes
import Numerics

/// A flat vector of 32-bit floats, divided into encoded pieces. Copies of the value share the
/// bytes.
package struct PiecewiseVector: Sendable, Hashable {
  /// The pieces in order; each but the last has the same number of elements.
  package let pieces: [EncodedTensor]
  /// The number of elements.
  package let count: Int

  /// Creates a vector from encoded pieces, in order.
  package init(pieces: [EncodedTensor]) {
    self.pieces = pieces
    count = pieces.reduce(0) { $0 + $1.count }
  }

  /// Encodes `values` in pieces.
  package init(_ values: [Float], limits: TransferLimits = TransferLimits()) {
    let count = values.count
    pieces = (0..<limits.pieceCount(elements: count)).map { index in
      EncodedTensor(float32: values[limits.elements(ofPiece: index, of: count)])
    }
    self.count = count
  }

  /// The elements.
  ///
  /// - Precondition: all pieces have type float32.
  package var floats: [Float] {
    Kernels.floats(from: pieces.map(\.content), at: EncodedTensor.payloadOffset, count: count)
  }
}
