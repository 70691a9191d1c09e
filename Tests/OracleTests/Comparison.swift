import Foundation

/// Returns the greatest difference, relative to the greatest expected magnitude.
func deviation(_ ours: some Collection<Float>, _ expected: some Collection<Float>) -> Double {
  guard ours.count == expected.count else { return .infinity }
  let scale = expected.reduce(0.0) { max($0, abs(Double($1))) }
  // A NaN counts as an infinite difference.
  let greatest = zip(ours, expected).reduce(0.0) { greatest, pair in
    let difference = abs(Double(pair.0) - Double(pair.1))
    return difference <= greatest ? greatest : difference.isNaN ? .infinity : difference
  }
  return greatest == 0 ? 0 : greatest / scale
}

/// Returns the norm of the difference, relative to the norm of the expected vector.
func relativeDistance(_ ours: [Float], _ expected: [Float]) -> Double {
  guard ours.count == expected.count else { return .infinity }
  func length(_ values: some Sequence<Float>) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }
  let difference = length(zip(ours, expected).map { $0 - $1 })
  return difference == 0 ? 0 : difference / length(expected)
}

/// Returns the logarithms of the softmax of each row.
///
/// - Parameter logits: [rows, classes].
func logSoftmax(_ logits: [Float], classes: Int) -> [Float] {
  stride(from: 0, to: logits.count, by: classes).flatMap { start in
    let row = logits[start..<start + classes].map(Double.init)
    let greatest = row.max() ?? 0
    let sum = row.reduce(0) { $0 + exp($1 - greatest) }
    return row.map { Float($0 - greatest - log(sum)) }
  }
}
