import Foundation

func exponential(_ x: Double) -> Double { Foundation.exp(x) }
func logarithm(_ x: Double) -> Double { Foundation.log(x) }
func tanhOf(_ x: Double) -> Double { Foundation.tanh(x) }
func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }

/// Returns the greatest difference between corresponding elements, relative to the greatest
/// magnitude in the reference.
func distance<Number: BinaryFloatingPoint>(_ ours: [Float], _ reference: [Number]) -> Double {
  precondition(ours.count == reference.count)
  let scale = reference.map { abs(Double($0)) }.max() ?? 0
  let worst = zip(ours, reference).map { abs(Double($0) - Double($1)) }
  return worst.contains { !$0.isFinite } ? .infinity : (worst.max() ?? 0) / max(scale, 1e-30)
}
