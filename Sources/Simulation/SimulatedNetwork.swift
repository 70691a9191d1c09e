/// How a network treats messages while it is bad.
struct NetworkConditions: Sendable, Equatable {
  /// How long a message is on its way, at least and at most.
  var delay: ClosedRange<Microseconds> = .milliseconds(1) ... .milliseconds(1)
  /// Of a thousand messages, how many are lost, come twice, are overtaken, or are damaged.
  var loss = 0, duplication = 0, reordering = 0, damage = 0
}

/// The two ways of a connection.
enum Direction: Sendable {
  case toServer
  case toWorker
}

/// A worker that is cut off, in one direction or both.
struct Partition: Sendable, Equatable {
  var toServer = true, toWorker = true
  /// Whether what is sent meanwhile is lost; or else it arrives when the partition is over.
  var isLossy = true

  func blocks(_ direction: Direction) -> Bool {
    switch direction {
    case .toServer: toServer
    case .toWorker: toWorker
    }
  }
}

/// Decides when messages arrive, and whether they do.
struct SimulatedNetwork: Sendable {
  /// One arrival of a message.
  struct Arrival: Equatable {
    let time: Microseconds
    var isDamaged = false
  }

  private(set) var conditions: NetworkConditions
  private var dice: Dice
  private var partitions: [(partition: Partition, until: Microseconds)?]

  init(_ conditions: NetworkConditions, workers: Int, dice: Dice) {
    self.conditions = conditions
    self.dice = dice
    partitions = Array(repeating: nil, count: workers)
  }

  /// From now on every message arrives, once, in order and soon.
  mutating func calm() {
    conditions = NetworkConditions(delay: conditions.delay)
    partitions = partitions.map { _ in nil }
  }

  /// Cuts a worker off.
  mutating func cut(_ worker: Int, _ partition: Partition, until end: Microseconds) {
    partitions[worker] = (partition, end)
  }

  /// Whether a new connection can be made.
  func isReachable(_ worker: Int, at now: Microseconds) -> Bool {
    guard let (_, end) = partitions[worker] else { return true }
    return now >= end
  }

  /// When a message that is sent now arrives: never, once, or twice.
  ///
  /// - Parameter barrier: when the message before it arrives, which this one does not overtake.
  mutating func send(
    _ direction: Direction, worker: Int, barrier: inout Microseconds, at now: Microseconds
  ) -> [Arrival] {
    var time = now + dice.within(conditions.delay)
    if let (partition, end) = partitions[worker], now < end, partition.blocks(direction) {
      if partition.isLossy { return [] }
      time += end - now
    }
    if dice.chance(perMille: conditions.loss) { return [] }
    if dice.chance(perMille: conditions.reordering) {
      time += dice.within(0 ... .milliseconds(300))  // those behind it do not wait
    } else {
      time = max(time, barrier)
      barrier = time
    }
    var arrivals = [Arrival(time: time, isDamaged: dice.chance(perMille: conditions.damage))]
    if dice.chance(perMille: conditions.duplication) {
      arrivals.append(Arrival(time: time + dice.within(0 ... .milliseconds(2000))))
    }
    return arrivals
  }
}
