import Coordination
import Learning
import Wire

/// The server's own computations, and its return to earlier weights.
extension SimulatedCluster {
  /// Computes an audited lease, as the server's background thread does.
  mutating func recompute(_ lease: Lease, _ weights: PiecewiseVector) throws(Violation) {
    let loaded = try Self.loaded(weights, lease.version)
    guard let core = server.core else { return }
    guard let result = checker.model.result(of: lease, with: loaded) else {
      throw Violation(.genuine, "the server computes a lease for nonexistent work")
    }
    try checker.noteComputation(lease.id, with: loaded, core)
    log.append(now, "server computes \(lease.id.summary)")
    events.push(
      .recomputed(incarnation: server.incarnation, result),
      at: now + random.within(.milliseconds(1) ... .milliseconds(200)))
  }

  /// Replaces the core by one that resumes from the newest weights before `step`, in the same
  /// process: the connections stay open, and the workers get new sessions.
  mutating func replay(before step: UInt64) throws(Violation) {
    guard let last = server.core?.state else { return }
    disturbAll()
    _ = try server.disk.flush()
    let state = try server.disk.go(backBefore: step, from: last, initial: scenario.initialState)
    try checker.restart(from: state)
    server.core = makeCore(state)
    log.append(now, "server returns to version \(state.optimizer.step)")
  }
}
