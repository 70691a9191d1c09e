import Numerics
import Wire

extension LeaseResult {
  /// The values of the first contribution.
  var values: [Float] { (try? contributions.first?.values.floats()) ?? [] }

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
        let tensor = EncodedTensor(float32: values, shape: [values.count])
        return Contribution(slices: $0.slices, values: tensor)
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

  func reshaped(_ shape: [Int]) -> Contribution {
    Contribution(
      slices: slices,
      values: EncodedTensor(
        dtype: .float32, shape: shape, payload: Array(values.bytes[values.payloadOffset...])))
  }

  /// The same bytes, declared as integers.
  var asIntegers: Contribution {
    Contribution(
      slices: slices,
      values: EncodedTensor(
        dtype: .int32, shape: values.shape, payload: Array(values.bytes[values.payloadOffset...])))
  }
}

extension Verdict {
  /// The reason of a rejection.
  var rejection: String? { if case .rejected(let reason) = self { reason } else { nil } }
}
