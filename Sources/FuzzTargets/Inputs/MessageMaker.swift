import Numerics
import Wire

/// Valid messages of every type, described by the bytes of a source.
enum MessageMaker {
  /// Returns a message with arbitrary numbers.
  static func numbered(_ source: inout ByteSource) -> NumberedMessage {
    NumberedMessage(
      message(&source), number: source.oddInteger(), acknowledged: source.oddInteger())
  }

  /// Returns a message of any type.
  static func message(_ source: inout ByteSource) -> Message {
    switch source.below(13) {
    case 0: .hello(hello(&source))
    case 1: .welcome(welcome(&source))
    case 2:
      .refusal(Refusal(reason: source.pick(RefusalReason.allCases), detail: source.text(32)))
    case 3: .ready
    case 4: .grant(grant(&source))
    case 5: .push(push(&source))
    case 6: .heartbeat(Heartbeat(progress: source.oddInteger()))
    case 7: .drain(Drain(reason: source.text(32)))
    case 8: .farewell(Farewell(reason: source.text(32)))
    case 9: .piece(piece(&source))
    case 10: .inquiry
    case 11: .status(status(&source))
    default: .acknowledgement
    }
  }

  static func status(_ source: inout ByteSource) -> RunStatus {
    var status = RunStatus(
      recipe: source.text(8), mode: source.text(8), phase: source.pick(RunStatus.Phase.allCases),
      step: source.oddInteger(), steps: source.oddInteger(), epoch: source.oddInteger(),
      samples: source.oddInteger())
    status.workers = source.oddInteger()
    status.readyWorkers = source.oddInteger()
    status.neededWorkers = source.oddInteger()
    status.loss = Double(bitPattern: source.oddInteger())
    status.samplesPerSecond = Double(bitPattern: source.oddInteger())
    status.stalenessMaximum = source.oddInteger()
    status.evaluationTotal = source.oddInteger()
    return status
  }

  static func hello(_ source: inout ByteSource) -> Hello {
    let protocols = [UInt16](arrayLiteral: source.oddInteger(), source.oddInteger()).sorted()
    return Hello(
      minimumProtocol: protocols[0], maximumProtocol: protocols[1], name: source.text(20),
      incarnation: source.oddInteger(), dataset: source.text(20), recipe: source.text(8),
      model: source.oddInteger())
  }

  static func welcome(_ source: inout ByteSource) -> Welcome {
    Welcome(
      protocolVersion: source.oddInteger(), incarnation: source.oddInteger(),
      settings: list(&source) { Setting(key: $0.text(12), value: $0.text(12)) },
      dataset: source.text(20), layout: list(&source, each: spec),
      heartbeatMilliseconds: source.oddInteger(), silenceMilliseconds: source.oddInteger(),
      patienceMilliseconds: source.oddInteger(),
      transfers: TransferLimits(
        pieceElements: Int(source.oddInteger(UInt32.self)),
        windowBytes: Int(source.oddInteger(UInt32.self))))
  }

  private static func spec(_ source: inout ByteSource) -> TensorSpec {
    // At most 2⁴ elements in each of 8 dimensions: below the limit of a tensor.
    TensorSpec(
      name: source.text(12),
      shape: (0..<source.below(9)).map { _ in UInt32(1 + source.below(16)) },
      trainable: source.byte() & 1 == 1)
  }

  static func grant(_ source: inout ByteSource) -> Grant {
    let hasWeights = source.byte() & 1 == 1
    return Grant(
      verdict: source.byte() & 1 == 1 ? verdict(&source) : nil, leases: list(&source, each: lease),
      version: source.oddInteger(), hasWeights: hasWeights,
      firstPiece: hasWeights && source.byte() & 1 == 1 ? tensor(&source) : nil)
  }

  static func lease(_ source: inout ByteSource) -> Lease {
    Lease(id: id(&source), version: source.oddInteger(), work: work(&source))
  }

  static func work(_ source: inout ByteSource) -> Work {
    guard source.byte() & 1 == 1 else {
      return .train(batch: source.oddInteger(), slices: range(&source))
    }
    return .evaluate(split: source.pick(Split.allCases), samples: range(&source))
  }

  static func push(_ source: inout ByteSource) -> Push {
    let contributions = list(&source) { range(&$0) as Range<UInt32> }
    return Push(
      id: id(&source), version: source.oddInteger(), computeMicroseconds: source.oddInteger(),
      sums: list(&source, each: sums), contributions: contributions,
      firstPiece: !contributions.isEmpty && source.byte() & 1 == 1 ? tensor(&source) : nil)
  }

  static func sums(_ source: inout ByteSource) -> SampleSums {
    SampleSums(
      lossSum: Double(bitPattern: source.oddInteger()), correct: source.oddInteger(),
      count: source.oddInteger())
  }

  static func piece(_ source: inout ByteSource) -> Piece {
    Piece(
      transfer: source.oddInteger(), index: source.oddInteger(), values: tensor(&source))
  }

  /// Returns a tensor of any type and of up to 3 elements in each of up to 3 dimensions.
  static func tensor(_ source: inout ByteSource) -> EncodedTensor {
    let dtype = source.pick(DataType.allCases)
    let shape = (0..<source.below(4)).map { _ in 1 + source.below(3) }
    let count = shape.reduce(1, *) * dtype.byteCount
    let payload = (0..<count).map { _ in source.byte() }
    return EncodedTensor(dtype: dtype, shape: shape, payload: payload)
  }

  private static func verdict(_ source: inout ByteSource) -> LeaseVerdict {
    let verdicts: [Verdict] = [.applied, .duplicate, .stale, .rejected(source.text(16))]
    return LeaseVerdict(id: id(&source), verdict: source.pick(verdicts))
  }

  private static func id(_ source: inout ByteSource) -> LeaseID {
    LeaseID(incarnation: source.oddInteger(), counter: source.oddInteger())
  }

  private static func range<Bound: FixedWidthInteger & UnsignedInteger>(
    _ source: inout ByteSource
  ) -> Range<Bound> {
    let lower = min(source.oddInteger(Bound.self), .max - 1)
    let length = min(source.oddInteger(Bound.self), .max - lower - 1)
    return lower..<lower + length + 1
  }

  private static func list<Element>(
    _ source: inout ByteSource, each: (inout ByteSource) -> Element
  ) -> [Element] {
    (0..<source.below(4)).map { _ in each(&source) }
  }
}
