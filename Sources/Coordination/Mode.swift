/// When a lease may be granted and when its result is applied.
public enum Mode: String, CaseIterable, Sendable {
  /// Only the slices of the current step are granted; when all are in, one Adam update is made with
  /// the mean gradient of the whole batch. The result depends on nobody's number or speed.
  case sync
  /// Whole batches are granted at any time, and each gradient is applied as it arrives, its step
  /// scaled by ``stalenessScale(staleness:workers:)``.
  case async

  /// The factor of an asynchronous update: 1 / (1 + staleness / workers).
  ///
  /// - Parameters:
  ///   - staleness: versions made between the weights a gradient was computed with and now.
  ///   - workers: workers at work, at least one.
  ///
  /// With n workers at the same speed each gradient is about n - 1 versions old. The damping keeps
  /// the sum of what they do to the weights bounded as workers are added. Source: W. Zhang et al.,
  /// "Staleness-aware Async-SGD for Distributed Deep Learning" (IJCAI 2016), in a gentler form.
  public static func stalenessScale(staleness: UInt64, workers: Int) -> Float {
    1 / (1 + Float(staleness) / Float(max(workers, 1)))
  }
}
