import Coordination
import Wire

/// Number of workers in a scenario.
struct ClusterSize: Sendable {
  let workers: Int

  /// Creates a random size; most clusters are small, so that a schedule takes little time.
  init(_ random: inout SplitMix64) {
    switch random.below(1000) {
    case 0..<5: workers = random.within(100...300)
    case 5..<45: workers = random.within(6...30)
    default: workers = random.within(2...5)
    }
  }

  var isSmall: Bool { workers <= 5 }
}

/// Random properties of the links of a scenario, before the size of its model is known.
struct DrawnLink: Sendable {
  private enum Kind {
    case fast, oneSlow, allSlow, fullQueues, slowServer
  }

  private let kind: Kind
  private let workers: Int
  /// The time that a vector of weights takes on a slow link, or on the server's link.
  let transferTime: Microseconds
  /// The number of units of the model: a slow link needs a tensor of many pieces.
  let units: Int

  init(_ size: ClusterSize, _ random: inout SplitMix64) {
    workers = size.workers
    kind =
      switch random.below(100) {
      case 0..<6: .oneSlow
      case 6..<9: size.isSmall ? .allSlow : .oneSlow
      case 9..<19: .fullQueues
      case 19..<22: .slowServer
      default: .fast
      }
    switch kind {
    case .fast: transferTime = 0
    case .fullQueues:
      transferTime = random.chance(perMille: 500) ? 0 : random.within(.seconds(1) ... .seconds(3))
    case .oneSlow, .allSlow:
      let longest = random.pick([Microseconds.seconds(2), .seconds(4), .seconds(20)])
      transferTime = random.within(.seconds(1)...longest)
    case .slowServer:
      transferTime = random.within(.milliseconds(20) ... .milliseconds(300)) / min(workers, 30)
    }
    units = transferTime > .seconds(1) ? random.within(2...3) : 1
  }

  /// Returns the conditions for tensors with a number of elements.
  func conditions(elements: Int, _ random: inout SplitMix64) -> LinkConditions {
    var conditions = LinkConditions(workers: workers)
    // Control messages are small compared to a tensor: a welcome takes less than half a second.
    let rate = random.within(8_000...50_000)
    switch kind {
    case .fast: break
    case .fullQueues:
      guard transferTime > 0 else { break }
      conditions.tensorFactor = factor(rate, elements)
      for worker in 0..<workers { conditions.links[worker] = WorkerLink(toWorker: rate) }
    case .slowServer:
      conditions.serverRate = 20 * rate
      conditions.tensorFactor = factor(20 * rate, elements)
    case .oneSlow, .allSlow:
      conditions.tensorFactor = factor(rate, elements)
      conditions.bounds.bufferBytes = random.within(rate / 8...rate)
      let slow = kind == .allSlow ? Array(0..<workers) : [random.below(workers)]
      let ways = random.below(3)
      for worker in slow {
        conditions.links[worker] = WorkerLink(
          toServer: ways == 0 ? nil : rate, toWorker: ways == 1 ? nil : rate)
      }
    }
    return conditions
  }

  /// Returns the limits of transfers: small ones, so that tensors have many pieces. On a slow link,
  /// a piece takes less than a second.
  func transfers(elements: Int, _ random: inout SplitMix64) -> TransferLimits {
    let longest = transferTime > 0 ? max(elements * .milliseconds(700) / transferTime, 1) : elements
    let pieceElements = random.within(1...min(longest, 8))
    return TransferLimits(
      pieceElements: pieceElements, windowBytes: 4 * pieceElements * random.within(1...12))
  }

  /// Shortens the queues of connections, and reduces the number of heartbeats that may be under way
  /// accordingly: as in reality, queues have room for what a session may have under way.
  func shortenQueues(
    _ bounds: inout QueueBounds, _ policy: inout Policy, _ random: inout SplitMix64
  ) {
    guard hasShortQueues else { return }
    policy.heartbeatLimit = random.within(4...30)
    bounds = QueueBounds(
      sender: policy.queueLength, receiver: random.pick([1, 2, 8]),
      bufferBytes: random.pick([0, 500, 20_000]))
  }

  /// Whether connections have short queues.
  var hasShortQueues: Bool { kind == .fullQueues }

  /// The factor by which a tensor of four bytes for each element takes ``transferTime``.
  private func factor(_ rate: Int, _ elements: Int) -> Int {
    max(transferTime * rate / 1_000_000 / (4 * elements), 1)
  }
}
