import Coordination

/// State of the server's process outside of its core, and its disk.
struct SimulatedServer {
  /// A kill scheduled during the next event.
  struct PendingKill {
    /// The number of effects that are performed before the kill.
    let effects: Int
    let isTorn: Bool
    let isSeen: Bool
  }

  /// The core; nil while no process is running.
  var core: ServerCore?
  /// The number of processes started so far, which identifies outdated events.
  var incarnation = 0
  var clock: ProcessClock
  var frozenUntil: Microseconds = 0
  var disk: SimulatedDisk
  var pendingKill: PendingKill?
  /// The time of the scheduled extra tick.
  var nextTick: Microseconds?

  init(disk: SimulatedDisk, clock: ProcessClock) {
    self.disk = disk
    self.clock = clock
  }
}

extension PeerID {
  /// Creates the address of a connection in the format of ZeroMQ routing IDs: five bytes, the first
  /// of which is 0.
  init(connection: Int) {
    self.init([0] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: connection >> ($0 * 8)) })
  }

  /// The number of the connection.
  var connection: Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
