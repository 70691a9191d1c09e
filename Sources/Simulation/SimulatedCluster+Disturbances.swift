import Coordination
import Wire

/// Checks that honest workers that can reach the server keep their sessions.
extension SimulatedCluster {
  /// Time after the last fault of a worker, its link or the server during which the worker may lose
  /// its session: the timeouts for silence or for a stalled computation, and some delay.
  private static let aftermath = (
    silence: Microseconds.milliseconds(5000), stall: Microseconds.milliseconds(9000)
  )

  /// The time that a full window takes on the slowest link: a refusal waits behind it.
  private var windowTime: Microseconds {
    let rates = scenario.link.links.flatMap { link in
      Direction.allCases.compactMap { link[$0].usual }
    }
    guard let rate = rates.min() else { return 0 }
    let bytes = scenario.policy.transfers.windowBytes * scenario.link.tensorFactor
    return LinkRate(rate).end(of: bytes, from: 0)
  }

  /// Records a fault that affects a worker now, or until a given time.
  mutating func disturb(_ worker: Int, until end: Microseconds = 0) {
    workers[worker].disturbed = max(workers[worker].disturbed, now, end)
  }

  /// Records a fault that affects all workers.
  mutating func disturbAll(until end: Microseconds = 0) {
    for index in workers.indices { disturb(index, until: end) }
  }

  /// Checks that the server evicts only workers that were affected by a fault, that it rejects only
  /// results of faulty workers, and that it takes a run as diverged only if all its workers are
  /// faulty.
  mutating func checkTreatment(of effects: [ServerCore.Effect]) throws(Violation) {
    for effect in effects {
      switch effect {
      case .send(let message, let peer):
        guard case .drain = message.message else { continue }
        let worker = workers[connections[peer.connection].worker]
        let isSettled = worker.isServing && now > worker.disturbed + Self.aftermath.silence
        if isSettled, !worker.hasSpoiled { isHonestWorkerDrained = true }
      case .report(.rejected(let name, .rejected(let reason))):
        let worker = workers.first { $0.name == name }
        try require(
          worker?.wasEverFaulty != false, .honesty, "a result of \(name) is rejected: \(reason)")
      case .report(.differed(let difference)):
        let worker = workers.first { $0.name == difference.name }
        try require(
          worker?.wasEverFaulty == true, .honesty, "a gradient of \(difference.name) differs")
      case .finish(.diverged):
        try require(!isHonestWorkerDrained, .honesty, "diverged with a worker that is not faulty")
      default: break
      }
    }
    // A server that another one will follow ends all sessions.
    switch effects.last {
    case .finish(.replay), .finish(.stopped), .finish(.abandoned): return
    default: break
    }
    try checkEvictions(effects)
  }

  private func checkEvictions(_ effects: [ServerCore.Effect]) throws(Violation) {
    for case .report(.left(let name, let reason, _)) in effects {
      guard let worker = workers.first(where: { $0.name == name }), worker.isServing,
        !worker.isFaulty, !worker.isHanging
      else { continue }
      let isStall = reason.contains("no progress")
      let limit = worker.disturbed + (isStall ? Self.aftermath.stall : Self.aftermath.silence)
      try require(now <= limit, .honesty, "\(name) is evicted without a fault: \(reason)")
    }
  }

  /// Checks that a worker starts a new session only after a fault.
  func checkReconnect(_ index: Int) throws(Violation) {
    let worker = workers[index]
    guard worker.isServing, completion == nil else { return }
    try require(
      now <= worker.disturbed + Self.aftermath.silence + windowTime, .honesty,
      "\(worker.name) ends its session without a fault")
  }
}
