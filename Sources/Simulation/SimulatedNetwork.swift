/// Delays and fault rates of a network before the end of the faults.
struct NetworkConditions: Sendable, Equatable {
  /// The range of message delays.
  var delay: ClosedRange<Microseconds> = .milliseconds(1) ... .milliseconds(1)
  /// The number of lost, duplicated, reordered and damaged messages per thousand.
  var loss = 0, duplication = 0, reordering = 0, damage = 0
}

/// The direction of a message.
enum Direction: Sendable {
  case toServer
  case toWorker
}

/// A network partition that isolates a worker in one or both directions.
struct Partition: Sendable, Equatable {
  var toServer = true, toWorker = true
  /// Whether messages are lost; otherwise they arrive after the end of the partition.
  var isLossy = true

  func blocks(_ direction: Direction) -> Bool {
    switch direction {
    case .toServer: toServer
    case .toWorker: toWorker
    }
  }
}

/// Network that determines the arrival times of messages.
struct SimulatedNetwork: Sendable {
  /// One arrival of a message.
  struct Arrival: Equatable {
    let time: Microseconds
    var isDamaged = false
  }

  private(set) var conditions: NetworkConditions
  private var random: SplitMix64
  private var partitions: [(partition: Partition, until: Microseconds)?]

  init(_ conditions: NetworkConditions, workers: Int, random: SplitMix64) {
    self.conditions = conditions
    self.random = random
    partitions = Array(repeating: nil, count: workers)
  }

  /// Ends all faults: from now on every message arrives once, in order and without extra delay.
  mutating func endFaults() {
    conditions = NetworkConditions(delay: conditions.delay)
    partitions = partitions.map { _ in nil }
  }

  /// Isolates a worker until a given time.
  mutating func partition(_ worker: Int, _ partition: Partition, until end: Microseconds) {
    partitions[worker] = (partition, end)
  }

  /// Whether a worker can establish a connection.
  func isReachable(_ worker: Int, at now: Microseconds) -> Bool {
    guard let (_, end) = partitions[worker] else { return true }
    return now >= end
  }

  /// Returns the arrivals of a message that is sent now: none, one or two.
  ///
  /// - Parameter barrier: The arrival time of the previous message, which this one does not
  ///   overtake.
  mutating func send(
    _ direction: Direction, worker: Int, barrier: inout Microseconds, at now: Microseconds
  ) -> [Arrival] {
    var time = now + random.within(conditions.delay)
    if let (partition, end) = partitions[worker], now < end, partition.blocks(direction) {
      if partition.isLossy { return [] }
      time += end - now
    }
    if random.chance(perMille: conditions.loss) { return [] }
    if random.chance(perMille: conditions.reordering) {
      time += random.within(0 ... .milliseconds(300))  // later messages may overtake this one
    } else {
      time = max(time, barrier)
      barrier = time
    }
    var arrivals = [Arrival(time: time, isDamaged: random.chance(perMille: conditions.damage))]
    if random.chance(perMille: conditions.duplication) {
      arrivals.append(Arrival(time: time + random.within(0 ... .milliseconds(2000))))
    }
    return arrivals
  }
}
