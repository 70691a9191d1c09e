import Coordination
import Numerics

/// Timing shared by all benchmarks.
enum Measure {
  /// Runs `work` and returns its duration in seconds.
  static func seconds(_ work: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(work).seconds
  }

  /// Returns the bytes per second that one core copies between buffers larger than any cache: the
  /// median over `rounds`.
  static func copiedBytesPerSecond(rounds: Int = 5, floats: Int = 16 << 20) -> Double {
    let source = [Float](repeating: 1, count: floats)
    let target = FloatBuffer(count: floats)
    return Statistics.median(
      (0..<rounds).map { _ in
        Double(4 * floats) / seconds { target.copy(from: source) }
      })
  }
}
