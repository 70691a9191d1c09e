/// Delays and fault rates of a network before the end of the faults.
struct NetworkConditions: Sendable, Equatable {
  /// The range of message delays.
  var delay: ClosedRange<Microseconds> = .milliseconds(1) ... .milliseconds(1)
  /// The number of lost, duplicated, reordered and damaged messages per thousand.
  var loss = 0, duplication = 0, reordering = 0, damage = 0
}

/// The direction of a message.
enum Direction: Sendable, CaseIterable {
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

/// Network that determines the delays, faults and bandwidth of messages.
struct SimulatedNetwork: Sendable {
  /// The way of one message that is not lost.
  struct Transit: Equatable {
    /// The time from the transmission of the last byte to the arrival.
    let latency: Microseconds
    /// Whether later messages may arrive earlier.
    var isOvertaken = false
    var isDamaged = false
    /// The time from the arrival to that of a second copy, if there is one.
    var copyDelay: Microseconds?
  }

  private(set) var conditions: NetworkConditions
  private var random: SplitMix64
  private var partitions: [(partition: Partition, until: Microseconds)?]
  private var rates: [WorkerLink]

  init(_ conditions: NetworkConditions, links: [WorkerLink], random: SplitMix64) {
    self.conditions = conditions
    self.random = random
    rates = links
    partitions = links.map { _ in nil }
  }

  /// Ends all faults: from now on every message arrives once, in order and without extra delay.
  mutating func endFaults() {
    conditions = NetworkConditions(delay: conditions.delay)
    partitions = partitions.map { _ in nil }
    for index in rates.indices { rates[index].endLimits() }
  }

  /// Isolates a worker until a given time.
  mutating func partition(_ worker: Int, _ partition: Partition, until end: Microseconds) {
    partitions[worker] = (partition, end)
  }

  /// Limits the bandwidth of a worker's link in a direction until a given time.
  mutating func limit(
    _ worker: Int, _ direction: Direction, to bytesPerSecond: Int, until end: Microseconds
  ) {
    rates[worker][direction].limit(to: bytesPerSecond, until: end)
  }

  /// Returns the bandwidth of a worker's link.
  func rate(_ worker: Int, _ direction: Direction) -> LinkRate { rates[worker][direction] }

  /// Whether a worker can establish a connection.
  func isReachable(_ worker: Int, at now: Microseconds) -> Bool {
    guard let (_, end) = partitions[worker] else { return true }
    return now >= end
  }

  /// Returns the way of a message that is sent now; nil if it is lost.
  mutating func send(
    _ direction: Direction, worker: Int, at now: Microseconds
  ) -> Transit? {
    var latency = random.within(conditions.delay)
    if let (partition, end) = partitions[worker], now < end, partition.blocks(direction) {
      if partition.isLossy { return nil }
      latency += end - now
    }
    if random.chance(perMille: conditions.loss) { return nil }
    let isOvertaken = random.chance(perMille: conditions.reordering)
    if isOvertaken { latency += random.within(0 ... .milliseconds(300)) }
    var transit = Transit(
      latency: latency, isOvertaken: isOvertaken,
      isDamaged: random.chance(perMille: conditions.damage))
    if random.chance(perMille: conditions.duplication) {
      transit.copyDelay = random.within(0 ... .milliseconds(2000))
    }
    return transit
  }
}
