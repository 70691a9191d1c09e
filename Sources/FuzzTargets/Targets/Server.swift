extension FuzzTarget {
  /// The server's state machine with several peers, honest and lying ones: after every event its
  /// counters agree, its bounds hold, and in mode `sync` the weights are those of the undisturbed
  /// run.
  static let server = FuzzTarget("server", "the server with several peers") {
    bytes throws(Finding) in
    var script = ServerScript(bytes)
    try script.play()
  }
}
