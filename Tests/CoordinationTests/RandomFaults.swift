import Coordination
import Numerics
import Wire

/// Performs a run in which workers join, leave, are killed and disconnected at random times, and
/// some push every result twice. One worker stays throughout.
func runWithRandomFaults(_ settings: TrainingSettings, seed: UInt64) throws -> Cluster {
  var random = RandomSource(seed: seed, stream: 0xD1)
  var cluster = Cluster(settings, workers: 2, shuffle: seed)
  for _ in 0..<20 where cluster.outcome == nil {
    let pause = cluster.now.advanced(by: .milliseconds(Int64(random.below(40))))
    try cluster.run { $0.outcome != nil || $0.now >= pause }
    applyFault(&cluster, choice: random.below(6), worker: Int(random.below(8)))
  }
  try cluster.run()
  return cluster
}

private func applyFault(_ cluster: inout Cluster, choice: UInt32, worker: Int) {
  guard cluster.outcome == nil else { return }
  let victim = cluster.workers.indices.dropFirst().first {
    $0 >= worker && cluster.workers[$0].isActive
  }
  switch (choice, victim) {
  case (0, let victim?): cluster.kill(victim)
  case (1, let victim?): cluster.disconnect(victim)
  case (2, let victim?): cluster.deliver(victim, .stop(reason: "enough"))
  case (3, let victim?): cluster.workers[victim].tamper = { [$0, $0] }
  case (4, let victim?): cluster.deliver(.unreachable(cluster.workers[victim].peer))
  default: if cluster.workers.count < 12 { cluster.join() }
  }
}
