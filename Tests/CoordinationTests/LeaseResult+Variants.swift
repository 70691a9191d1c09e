import Numerics
import Wire

extension LeaseResult {
  /// The values of the first contribution.
  var values: [Float] { contributions.first?.values.floats ?? [] }

  func with(version: UInt64) -> LeaseResult {
    LeaseResult(id: id, version: version, sums: sums, contributions: contributions)
  }

  func with(sums: [SampleSums]) -> LeaseResult {
    LeaseResult(id: id, version: version, sums: sums, contributions: contributions)
  }

  func with(parts: [Contribution]) -> LeaseResult {
    LeaseResult(id: id, version: version, sums: sums, contributions: parts)
  }

  /// Returns the result with other values in its contributions; an evaluation has none and is
  /// unchanged.
  func with(values: [Float]) -> LeaseResult {
    with(
      parts: contributions.map {
        Contribution(slices: $0.slices, values: PiecewiseVector(values))
      })
  }
}

extension SampleSums {
  func with(loss: Double? = nil, correct: UInt64? = nil, count: UInt64? = nil) -> SampleSums {
    SampleSums(
      lossSum: loss ?? lossSum, correct: correct ?? self.correct, count: count ?? self.count)
  }
}

extension Contribution {
  func with(slices: Range<UInt32>) -> Contribution { Contribution(slices: slices, values: values) }

  func reshaped(_ shape: [Int]) -> Contribution { encoded(.float32, shape) }

  /// The same bytes, declared as integers.
  var asIntegers: Contribution { encoded(.int32, values.pieces[0].shape) }

  /// The bytes of the first piece with another type and shape.
  private func encoded(_ type: DataType, _ shape: [Int]) -> Contribution {
    let piece = values.pieces[0]
    let payload = Array(piece.bytes[piece.payloadOffset...])
    let tensor = EncodedTensor(dtype: type, shape: shape, payload: payload)
    return Contribution(slices: slices, values: PiecewiseVector(pieces: [tensor]))
  }
}

extension Verdict {
  /// The reason of a rejection.
  var rejection: String? { if case .rejected(let reason) = self { reason } else { nil } }
}
