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
  /// Makes the worker's next computation hang, possibly with progress that never ends; its
  /// communication thread continues.
  case hangWorker(Int, isBusy: Bool)
  /// Slows down a worker's computation by a factor for a time.
  case slowWorker(Int, factor: Int, for: Microseconds)
  case jumpWorkerClock(Int, by: Microseconds)
  /// Makes a worker state a wrong weights version in its next results.
  case misstateVersion(Int, results: Int)
  /// Puts NaN in a worker's next results.
  case spoilResults(Int, results: Int)
  /// Flips a bit in a worker's next gradients.
  case flipBits(Int, gradients: Int)
  /// Breaks a worker's connection and drops messages in flight; the server's socket may not detect
  /// it.
  case breakConnection(Int, isSeen: Bool)
  case partition(Int, Partition, for: Microseconds)
  /// Connections of strangers to the server close one after another for a time, as those of a port
  /// scanner; no worker is affected.
  case closeStrangers(for: Microseconds)
  /// Limits the bandwidth of a worker's link for a time; 0 bytes per second stall it.
  case limitLink(Int, bytesPerSecond: Int, for: Microseconds)
  /// Kills the server's process, either now or after a number of effects of its next event.
  case killServer(afterEffects: Int?, isTorn: Bool, isSeen: Bool)
  /// Requests the server to stop; it is restarted afterwards.
  case stopServer
  case freezeServer(for: Microseconds)
  case jumpServerClock(by: Microseconds)
  /// Makes the next writes of checkpoints fail.
  case failWrites(Int)

  /// Returns a random fault for a cluster with the given number of workers.
  static func drawn(workers: Int, _ random: inout SplitMix64) -> Fault {
    let worker = random.below(workers)
    switch random.below(26) {
    case 0, 1: return .killWorker(worker, isSilent: random.chance(perMille: 400))
    case 2: return .stopWorker(worker)
    case 3, 4: return .freezeWorker(worker, for: drawnPause(&random))
    case 5: return .hangWorker(worker, isBusy: random.chance(perMille: 400))
    case 6, 7: return .slowWorker(worker, factor: random.within(4...60), for: drawnPause(&random))
    case 8: return .jumpWorkerClock(worker, by: drawnJump(&random))
    case 9, 10: return .breakConnection(worker, isSeen: random.chance(perMille: 500))
    case 11, 12, 13: return .partition(worker, drawnPartition(&random), for: drawnPause(&random))
    case 14: return .misstateVersion(worker, results: random.within(1...4))
    case 15: return .stopServer
    case 16: return .freezeServer(for: drawnPause(&random))
    case 17: return .jumpServerClock(by: drawnJump(&random))
    case 18: return .spoilResults(worker, results: random.within(1...6))
    case 19: return .failWrites(random.within(1...3))
    case 20, 21:
      return .limitLink(
        worker, bytesPerSecond: random.pick([0, 0, random.within(100...20_000)]),
        for: drawnPause(&random))
    case 22: return .closeStrangers(for: drawnPause(&random))
    default: return drawnServerDeath(&random)
    }
  }

  /// Returns broken connections of many workers within 10 ms.
  static func drawnBurst(
    workers: Int, at time: Microseconds, _ random: inout SplitMix64
  ) -> [(time: Microseconds, fault: Fault)] {
    let share = random.within(300...900)
    return (0..<workers).filter { _ in random.chance(perMille: share) }.map {
      (time + random.below(.milliseconds(10)), .breakConnection($0, isSeen: true))
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
