import TestSupport
import Testing
import Wire

/// Tests of the division of vectors into pieces.
@Suite struct TransferTests {
  @Test func theDefaultsArePiecesOf128KiBAndAWindowOf4MiB() {
    let limits = TransferLimits()
    #expect(limits.pieceElements * 4 == 128 << 10)
    #expect(limits.windowBytes == 4 << 20)
  }

  @Test func valuesOutsideTheBoundsAreClamped() {
    #expect(TransferLimits(pieceElements: 0).pieceElements == 1)
    #expect(TransferLimits(pieceElements: -5).pieceElements == 1)
    #expect(TransferLimits(pieceElements: .max).pieceElements == TransferLimits.mostPieceElements)
    #expect(TransferLimits(windowBytes: -1).windowBytes == 0)
    #expect(TransferLimits(windowBytes: .max).windowBytes == 0xFFFF_FFFF)
  }

  @Test(arguments: [
    (0, 0), (1, 1), (9, 1), (10, 1), (11, 2), (19, 2), (20, 2), (21, 3), (1000, 100),
  ])
  func thePiecesOfAVectorAreCounted(count: Int, expected: Int) {
    #expect(TransferLimits(pieceElements: 10).pieceCount(elements: count) == expected)
  }

  @Test(arguments: [1, 2, 7, 10], 0...32)
  func thePiecesOfAVectorAreItsElementsInOrder(pieceElements: Int, count: Int) {
    let limits = TransferLimits(pieceElements: pieceElements)
    let pieces = (0..<limits.pieceCount(elements: count)).map {
      limits.elements(ofPiece: $0, of: count)
    }
    #expect(pieces.flatMap { Array($0) } == Array(0..<count))
    #expect(pieces.dropLast().allSatisfy { $0.count == pieceElements })
    #expect(pieces.allSatisfy { !$0.isEmpty })
  }

  @Test func aPieceBeyondTheVectorIsEmpty() {
    let limits = TransferLimits(pieceElements: 10)
    #expect(limits.elements(ofPiece: 3, of: 30) == 30..<30)
    #expect(limits.elements(ofPiece: 9, of: 25) == 25..<25)
  }

  @Test(arguments: [
    0, 1, 2, 4095, 4096, 4097, 8191, 8192, 8193, 3 * 4096 - 1, 3 * 4096, 3 * 4096 + 1,
  ])
  func aVectorRoundTripsThroughItsPieces(count: Int) throws {
    let values = (0..<count).map { Float($0) * 0.75 - 1000 }
    let limits = TransferLimits(pieceElements: 4096)
    let vector = PiecewiseVector(values, limits: limits)
    #expect(vector.count == count && vector.floats == values)
    #expect(vector.pieces.count == limits.pieceCount(elements: count))
    for (index, piece) in vector.pieces.enumerated() {
      #expect(piece.shape == [limits.elements(ofPiece: index, of: count).count])
    }
    let received = try vector.pieces.map { try EncodedTensor(validating: $0.bytes) }
    let rebuilt = PiecewiseVector(pieces: received)
    #expect(rebuilt == vector && rebuilt.floats == values)
    let plain = PiecewiseVector(plain: values, limits: limits)
    #expect(plain == vector && plain.floats == values && plain.pieceCount == vector.pieceCount)
    for index in 0..<vector.pieceCount {
      #expect(plain.piece(at: index) == vector.piece(at: index))
      #expect(plain.payloadByteCount(ofPiece: index) == vector.payloadByteCount(ofPiece: index))
    }
  }

  @Test func everyBitPatternOfAVectorIsPreserved() {
    let patterns: [UInt32] = [0x8000_0000, 1, 0x7F80_0000, 0x7FC0_0001, 0x7F80_0001, .max]
    for size in 1...patterns.count {
      let vector = PiecewiseVector(
        patterns.map(Float.init(bitPattern:)), limits: TransferLimits(pieceElements: size))
      #expect(vector.floats.map(\.bitPattern) == patterns)
    }
  }

  @Test func theElementsOfAPieceInAWelcomeAreChecked() {
    let welcome = Sample.welcome.message.encodedHeader()
    func failure(_ elements: UInt32) -> WireError? {
      let field = Array(littleEndian: elements)
      return WireTests.failure([sealed(welcome.replacing(at: welcome.count - 8, with: field))])
    }
    let most = TransferLimits.mostPieceElements
    #expect(failure(1) == nil && failure(UInt32(most)) == nil)
    #expect(failure(0) == .pieceElements(limit: most, found: 0))
    #expect(failure(UInt32(most) + 1) == .pieceElements(limit: most, found: most + 1))
    #expect(failure(.max) == .pieceElements(limit: most, found: 0xFFFF_FFFF))
  }
}
