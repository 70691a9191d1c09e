/// A part of a vector that its sender has announced.
///
/// A vector travels as numbered pieces, each a message of its own, so that other messages pass
/// between them and no limit on the size of a message depends on the model. The announced vectors
/// of one direction of a session are its *transfers*, numbered from 1 in the order in which they
/// were announced. All pieces of a transfer are sent in order, before those of the next one.
package struct Piece: Sendable, Hashable {
  /// The number of the transfer.
  package let transfer: UInt32
  /// The number of the piece within its transfer, counted from 0.
  package let index: UInt32
  /// The elements: a one-dimensional tensor.
  package let values: EncodedTensor

  /// Creates a piece.
  package init(transfer: UInt32, index: UInt32, values: EncodedTensor) {
    self.transfer = transfer
    self.index = index
    self.values = values
  }
}

/// The division of vectors into pieces, and the credit of a session.
package struct TransferLimits: Sendable, Hashable {
  /// The number of elements in each piece of a vector but the last, at least 1.
  package let pieceElements: Int
  /// The number of payload bytes that may be on their way in one direction, in pieces that the
  /// receiver has not acknowledged. One piece may be on its way whatever its size.
  package let windowBytes: Int

  /// The greatest number of elements in a piece.
  package static let mostPieceElements = 1 << 18

  /// The limits for workers on the server's host: pieces of 1 MiB, since a connection within a host
  /// is never slow, and fewer pieces cost less.
  package static let withinHost = TransferLimits(pieceElements: mostPieceElements)

  /// Creates limits; by default pieces of 128 KiB and a window of 4 MiB.
  package init(pieceElements: Int = 1 << 15, windowBytes: Int = 4 << 20) {
    self.pieceElements = min(max(pieceElements, 1), Self.mostPieceElements)
    self.windowBytes = min(max(windowBytes, 0), Int(UInt32.max))
  }

  /// Returns the number of pieces of a vector with `count` elements.
  package func pieceCount(elements count: Int) -> Int {
    (count + pieceElements - 1) / pieceElements
  }

  /// Returns the elements in piece `index` of a vector with `count` elements.
  package func elements(ofPiece index: Int, of count: Int) -> Range<Int> {
    let start = min(index * pieceElements, count)
    return start..<min(start + pieceElements, count)
  }
}

extension Piece {
  func write(to writer: inout ByteWriter) {
    writer.write(transfer)
    writer.write(index)
  }

  init(from body: inout BodyReader) throws(WireError) {
    transfer = try body.reader.uint32("piece.transfer")
    index = try body.reader.uint32("piece.index")
    values = try body.tensor()
  }
}

extension TransferLimits {
  func write(to writer: inout ByteWriter) {
    writer.write(UInt32(pieceElements))
    writer.write(UInt32(windowBytes))
  }

  init(from body: inout BodyReader) throws(WireError) {
    let elements = try body.reader.uint32("welcome.pieceElements")
    guard elements >= 1, elements <= Self.mostPieceElements else {
      throw .pieceElements(limit: Self.mostPieceElements, found: Int(elements))
    }
    pieceElements = Int(elements)
    windowBytes = Int(try body.reader.uint32("welcome.windowBytes"))
  }
}
