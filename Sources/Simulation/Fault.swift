/// Something that goes wrong in a schedule, besides what the network does to single messages.
enum Fault: Sendable, Equatable {
  /// A worker's process ends at once. Its host's death is silent; that of the process alone is seen
  /// by the server's socket.
  case killWorker(Int, isSilent: Bool)
  /// A worker is told to end; a supervisor starts it again.
  case stopWorker(Int)
  /// Nothing runs in a worker for a while, its clock excepted.
  case freezeWorker(Int, for: Microseconds)
  /// A worker's next computation never ends, while its socket's thread goes on.
  case hangWorker(Int)
  /// A worker computes so many times slower for a while.
  case slowWorker(Int, factor: Int, for: Microseconds)
  case jumpWorkerClock(Int, by: Microseconds)
  /// A worker's next results name other weights than those it had.
  case misleadWorker(Int, results: Int)
  /// A connection ends, with what is on its way; the server's socket sees it, or not.
  case breakConnection(Int, isSeen: Bool)
  case cut(Int, Partition, for: Microseconds)
  /// The server's process ends at once: after so many effects of its next event, or now.
  case killServer(afterEffects: Int?, isTorn: Bool, isSeen: Bool)
  /// The server is told to end; somebody starts it again.
  case stopServer
  case freezeServer(for: Microseconds)
  case jumpServerClock(by: Microseconds)

  /// One of them, at random, in a cluster of so many workers.
  static func drawn(workers: Int, _ dice: inout Dice) -> Fault {
    let worker = dice.below(workers)
    switch dice.below(21) {
    case 0, 1: return .killWorker(worker, isSilent: dice.chance(perMille: 400))
    case 2: return .stopWorker(worker)
    case 3, 4: return .freezeWorker(worker, for: drawnPause(&dice))
    case 5: return .hangWorker(worker)
    case 6, 7: return .slowWorker(worker, factor: dice.within(4...60), for: drawnPause(&dice))
    case 8: return .jumpWorkerClock(worker, by: drawnJump(&dice))
    case 9, 10: return .breakConnection(worker, isSeen: dice.chance(perMille: 500))
    case 11, 12, 13: return .cut(worker, drawnPartition(&dice), for: drawnPause(&dice))
    case 14: return .misleadWorker(worker, results: dice.within(1...4))
    case 15: return .stopServer
    case 16: return .freezeServer(for: drawnPause(&dice))
    case 17: return .jumpServerClock(by: drawnJump(&dice))
    default: return drawnServerDeath(&dice)
    }
  }

  /// The server is killed, in the middle of an event or between two.
  static func drawnServerDeath(_ dice: inout Dice) -> Fault {
    let effects = dice.chance(perMille: 500) ? dice.below(6) : nil
    return .killServer(
      afterEffects: effects, isTorn: dice.chance(perMille: 300),
      isSeen: dice.chance(perMille: 800))
  }

  private static func drawnPause(_ dice: inout Dice) -> Microseconds {
    let longest: Microseconds = dice.pick([.milliseconds(200), .seconds(2), .seconds(9)])
    return dice.within(.milliseconds(1)...longest)
  }

  /// Forward by up to a minute, or a little back.
  private static func drawnJump(_ dice: inout Dice) -> Microseconds {
    dice.chance(perMille: 600)
      ? dice.within(0 ... .seconds(60)) : -dice.within(0 ... .milliseconds(500))
  }

  private static func drawnPartition(_ dice: inout Dice) -> Partition {
    let way = dice.below(4)
    return Partition(
      toServer: way != 0, toWorker: way != 1, isLossy: dice.chance(perMille: 500))
  }
}
