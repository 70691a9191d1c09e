/// A fault injected into a process or connection. Faults of single messages are part of
/// ``NetworkConditions``.
enum Fault: Sendable, Equatable {
  /// Kills a worker's process. If it is silent, as after a failure of the host, the server's socket
  /// does not detect the closed connection.
  case killWorker(Int, isSilent: Bool)
  /// Requests a worker to stop; its supervisor restarts it.
  case stopWorker(Int)
  /// Suspends a worker's process for a time; its clock continues.
  case freezeWorker(Int, for: Microseconds)
  /// Makes the worker's next computation hang; its communication thread continues.
  case hangWorker(Int)
  /// Slows down a worker's computation by a factor for a time.
  case slowWorker(Int, factor: Int, for: Microseconds)
  case jumpWorkerClock(Int, by: Microseconds)
  /// Makes a worker state a wrong weights version in its next results.
  case misstateVersion(Int, results: Int)
  /// Breaks a worker's connection and drops messages in flight; the server's socket may not detect
  /// it.
  case breakConnection(Int, isSeen: Bool)
  case partition(Int, Partition, for: Microseconds)
  /// Kills the server's process, either now or after a number of effects of its next event.
  case killServer(afterEffects: Int?, isTorn: Bool, isSeen: Bool)
  /// Requests the server to stop; it is restarted afterwards.
  case stopServer
  case freezeServer(for: Microseconds)
  case jumpServerClock(by: Microseconds)

  /// Returns a random fault for a cluster with the given number of workers.
  static func drawn(workers: Int, _ random: inout SplitMix64) -> Fault {
    let worker = random.below(workers)
    switch random.below(21) {
    case 0, 1: return .killWorker(worker, isSilent: random.chance(perMille: 400))
    case 2: return .stopWorker(worker)
    case 3, 4: return .freezeWorker(worker, for: drawnPause(&random))
    case 5: return .hangWorker(worker)
    case 6, 7: return .slowWorker(worker, factor: random.within(4...60), for: drawnPause(&random))
    case 8: return .jumpWorkerClock(worker, by: drawnJump(&random))
    case 9, 10: return .breakConnection(worker, isSeen: random.chance(perMille: 500))
    case 11, 12, 13: return .partition(worker, drawnPartition(&random), for: drawnPause(&random))
    case 14: return .misstateVersion(worker, results: random.within(1...4))
    case 15: return .stopServer
    case 16: return .freezeServer(for: drawnPause(&random))
    case 17: return .jumpServerClock(by: drawnJump(&random))
    default: return drawnServerDeath(&random)
    }
  }

  /// Returns a random kill of the server, during an event or between two events.
  static func drawnServerDeath(_ random: inout SplitMix64) -> Fault {
    let effects = random.chance(perMille: 500) ? random.below(6) : nil
    return .killServer(
      afterEffects: effects, isTorn: random.chance(perMille: 300),
      isSeen: random.chance(perMille: 800))
  }

  private static func drawnPause(_ random: inout SplitMix64) -> Microseconds {
    let longest: Microseconds = random.pick([.milliseconds(200), .seconds(2), .seconds(9)])
    return random.within(.milliseconds(1)...longest)
  }

  /// Returns a clock adjustment: forward by up to a minute, or back by up to half a second.
  private static func drawnJump(_ random: inout SplitMix64) -> Microseconds {
    random.chance(perMille: 600)
      ? random.within(0 ... .seconds(60)) : -random.within(0 ... .milliseconds(500))
  }

  private static func drawnPartition(_ random: inout SplitMix64) -> Partition {
    let way = random.below(4)
    return Partition(
      toServer: way != 0, toWorker: way != 1, isLossy: random.chance(perMille: 500))
  }
}
