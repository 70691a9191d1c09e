import Coordination

/// The server's process as far as its core can tell, and its disk.
struct SimulatedServer {
  /// How the process is to be killed in the middle of its next event.
  struct Doom {
    /// Effects that are still performed.
    let effects: Int
    let isTorn: Bool
    let isSeen: Bool
  }

  /// Nil while no process runs.
  var core: ServerCore?
  /// The number of processes that were started, which tells old events from new ones.
  var life = 0
  var clock: ProcessClock
  var frozenUntil: Microseconds = 0
  var disk: SimulatedDisk
  var doom: Doom?
  /// The extra tick that is on its way.
  var nextTick: Microseconds?

  init(disk: SimulatedDisk, clock: ProcessClock) {
    self.disk = disk
    self.clock = clock
  }
}

/// One connection between a worker's socket and the server's, as long as it lasts.
struct SimulatedConnection {
  let worker: Int
  /// The worker's process and socket that it belongs to.
  let life: Int, socket: Int
  /// The server's process that it belongs to.
  let serverLife: Int
  /// Whether what is on its way still arrives.
  var isAlive = true
  /// Whether the server's socket takes messages for it.
  var isOpenAtServer = true
  /// When the last message of each direction arrives.
  var toServer: Microseconds = 0, toWorker: Microseconds = 0
}

extension PeerID {
  /// The address of the connection with this number, in the form that the socket library gives:
  /// five bytes, the first of them 0.
  init(connection: Int) {
    self.init([0] + (0..<4).reversed().map { UInt8(truncatingIfNeeded: connection >> ($0 * 8)) })
  }

  /// The number of the connection.
  var connection: Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}
