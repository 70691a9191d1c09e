extension FuzzTarget {
  /// The worker's state machine with an honest or lying server: it computes only leases that were
  /// granted in the session, each once, and loads only complete weights.
  static let worker = FuzzTarget("worker", "the worker with a server") { bytes throws(Finding) in
    var script = try WorkerScript(bytes)
    try script.play()
  }
}
