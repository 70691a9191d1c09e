package import Coordination
package import Learning

/// A model or a batch that needs more memory than there is.
package struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// The processes that need the memory.
  package let processes: String
  /// The memory that they need.
  package let needed: MemoryEstimate
  /// The memory that is available, in bytes.
  package let available: Double

  /// One line with the figures and the remedy.
  package var description: String {
    let parts = "\(Self.text(needed.model)) for the model, \(Self.text(needed.batch)) for the batch"
    let remedy =
      needed.batch > needed.model
      ? "--batch-size, or --units or --layers" : "--units or --layers"
    return "\(processes) needs \(Self.text(needed.total)) of memory (\(parts)), but "
      + "\(Self.text(available)) are available; reduce \(remedy), or use a host with more memory"
  }

  /// Checks that `needed` is available.
  ///
  /// - Parameter available: the bytes that are available; nil if they are not known.
  /// - Throws: ``MemoryShortage``.
  package static func check(
    _ needed: MemoryEstimate, for processes: String,
    available: Double? = AvailableMemory.bytes
  ) throws(MemoryShortage) {
    guard let available, needed.total > available else { return }
    throw MemoryShortage(processes: processes, needed: needed, available: available)
  }

  /// Checks that there is memory for the server of a run, and for the workers that its launcher
  /// starts on the same host.
  ///
  /// - Parameter computes: whether the server computes leases, too.
  /// - Throws: ``MemoryShortage``.
  package static func check(
    _ settings: TrainingSettings, _ shape: ModelShape, localWorkers: Int, computes: Bool = false
  ) throws(MemoryShortage) {
    let server =
      MemoryEstimate.server(shape) + (computes ? 1 : 0) * worker(settings, shape, of: 1)
    guard localWorkers > 0 else { return try check(server, for: "the server") }
    let workers = localWorkers * worker(settings, shape, of: localWorkers)
    let names = localWorkers == 1 ? "1 worker" : "\(localWorkers) workers"
    try check(server + workers, for: "the training with \(names)")
  }

  /// Returns the memory of one of `count` workers. In ``Mode/sync`` they share each batch.
  package static func worker(
    _ settings: TrainingSettings, _ shape: ModelShape, of count: Int
  ) -> MemoryEstimate {
    let recipe = settings.recipe
    let sharers = settings.mode == .sync ? min(count, recipe.slices) : 1
    return MemoryEstimate.worker(
      shape, precision: recipe.precision,
      rows: (recipe.batchSize + sharers - 1) / sharers,
      slices: (recipe.slices + sharers - 1) / sharers)
  }

  /// Returns a number of bytes in the largest unit that is not below 1.
  private static func text(_ bytes: Double) -> String {
    var (value, unit) = (bytes / 1024, "KiB")
    for larger in ["MiB", "GiB", "TiB", "PiB"] where value >= 1024 {
      (value, unit) = (value / 1024, larger)
    }
    return "\((value * 10).rounded() / 10) \(unit)"
  }
}
