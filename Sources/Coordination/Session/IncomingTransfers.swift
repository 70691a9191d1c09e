import Numerics
import Wire

/// The announced vectors that a peer sends in pieces.
struct IncomingTransfers: Sendable {
  /// The outcome of a piece.
  enum Outcome: Sendable {
    /// The transfer has further pieces.
    case incomplete
    /// The transfer is complete.
    case complete(PiecewiseVector)
    /// The piece is not the one that follows; the reason in words.
    case invalid(String)
  }

  /// The number of elements of every vector.
  private let count: Int
  private let limits: TransferLimits
  /// The number of announced transfers.
  private(set) var announced: UInt32
  private var current: UInt32
  private var values: [Float] = []
  private var received = 0

  /// Elements for which memory is reserved before they arrive, at most: 256 MiB.
  private static let mostReserved = 1 << 26

  /// Creates transfers of vectors with `count` elements.
  ///
  /// - Parameter completed: the number of the last transfer before these; 2³² - 1 is followed by 0.
  init(count: Int, limits: TransferLimits, completed: UInt32 = 0) {
    self.count = count
    self.limits = limits
    announced = completed
    current = completed &+ 1
  }

  /// The number of announced transfers that are not complete.
  var pendingCount: Int { Int(announced &- current &+ 1) }

  /// Announces further transfers.
  mutating func announce(_ transfers: Int) { announced &+= UInt32(transfers) }

  /// Whether a piece is the one that follows, and not the last of its transfer.
  func isInner(_ piece: Piece) -> Bool {
    pendingCount > 0 && piece.transfer == current && piece.index == UInt32(received)
      && received + 1 < limits.pieceCount(elements: count)
      && piece.values.dtype == .float32 && piece.values.shape == [limits.pieceElements]
  }

  /// Adds a piece.
  ///
  /// - Parameter isKept: whether the vector is needed; otherwise its bytes are dropped, and a
  ///   complete vector is empty.
  mutating func add(_ piece: Piece, isKept: Bool) -> Outcome {
    guard pendingCount > 0 else {
      return .invalid("it sent piece \(piece.index) of a transfer that it did not announce")
    }
    guard piece.transfer == current, piece.index == UInt32(received) else {
      return .invalid(
        "it sent piece \(piece.index) of transfer \(piece.transfer) instead of piece \(received) "
          + "of transfer \(current)")
    }
    let expected = limits.elements(ofPiece: received, of: count).count
    guard piece.values.dtype == .float32, piece.values.shape == [expected] else {
      return .invalid(
        "piece \(piece.index) has shape \(piece.values.shape), not [\(expected)] of 32-bit floats")
    }
    if isKept { keep(piece.values) }
    received += 1
    guard received == limits.pieceCount(elements: count) else { return .incomplete }
    let vector = PiecewiseVector(plain: values, limits: limits)
    values = []
    received = 0
    current &+= 1
    return .complete(vector)
  }

  /// Copies the elements of a piece while they are in the cache.
  private mutating func keep(_ piece: EncodedTensor) {
    if values.isEmpty { values.reserveCapacity(min(count, Self.mostReserved)) }
    Kernels.append(
      littleEndian: piece.content, at: piece.payloadOffset, count: piece.count, to: &values)
  }
}
