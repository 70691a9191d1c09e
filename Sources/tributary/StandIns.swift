import Coordination
import Foundation
import Learning
import Numerics
import Processes
import Synchronization
import Wire
import ZeroMQ

/// Workers that speak the whole protocol and compute nothing: to every lease they answer at once
/// with the same ready-made gradient.
struct StandIns: Sendable {
  /// Where the server listens.
  let endpoint: String
  /// The fingerprint of the server's dataset.
  let dataset: String
  /// How the server cuts batches.
  let plan: BatchPlan
  /// The answer to everything.
  let gradient: EncodedTensor

  /// How many threads speak for them: about as many as processes could do something else.
  private static let mostThreads = 4

  /// Why one of them could not go on, if one could not.
  final class Trouble: Sendable {
    private let reason = Mutex<String?>(nil)
    /// In words.
    var text: String? { reason.withLock { $0 } }
    fileprivate func note(_ error: any Error) { reason.withLock { $0 = $0 ?? "\(error)" } }
  }

  /// Starts `count` of them; they end when the server tells them to go.
  ///
  /// - Returns: a group to wait for their end with.
  func start(_ count: Int, context: Context, trouble: Trouble) -> DispatchGroup {
    let group = DispatchGroup()
    let threads = min(count, Self.mostThreads)
    for index in 0..<threads {
      let names = stride(from: index, to: count, by: threads).map { "stand-in-\($0 + 1)" }
      group.enter()
      let thread = Thread {
        do {
          try speak(for: names, context: context)
        } catch {
          trouble.note(error)
        }
        group.leave()
      }
      thread.start()
    }
    return group
  }

  private func speak(for names: [String], context: Context) throws {
    let clock = MonotonicClock()
    let workers = try names.map {
      try StandIn(name: $0, of: self, context: context, at: clock.now)
    }
    var lastTick = clock.now
    var poller = Poller<Int>()
    for (index, worker) in workers.enumerated() { worker.add(to: &poller, as: index) }
    while workers.contains(where: { !$0.isOver }) {
      for event in try poller.wait(milliseconds: 100) {
        try workers[event.key].receive(at: clock.now)
        if workers[event.key].isOver { poller.remove(event.key) }
      }
      let now = clock.now
      guard now.since(lastTick) >= .milliseconds(100) else { continue }
      lastTick = now
      for worker in workers { try worker.handle(.tick, at: now) }
    }
  }
}

/// Why a stand-in cannot go on.
enum StandInError: Error, CustomStringConvertible {
  /// The server was silent for too long, or lost a message.
  case lost
  /// The server does not want it.
  case ended(WorkerCore.Ending)

  var description: String {
    switch self {
    case .lost: "a stand-in worker lost the server"
    case .ended(let ending): "a stand-in worker ended: \(ending)"
    }
  }
}

/// One of them: its state machine and its socket.
private final class StandIn {
  private(set) var isOver = false
  private let all: StandIns
  private let socket: Socket
  private let limits: WireLimits
  private var core: WorkerCore

  init(name: String, of all: StandIns, context: Context, at now: Moment) throws {
    self.all = all
    limits = .model(elements: all.gradient.count, slices: all.plan.slices)
    var options = SocketOptions()
    options.onlyToConnected = false  // the hello waits until there is a connection
    options.maximumFrameBytes = Int64(limits.maximumFrameBytes)
    socket = try Socket(.dealer, context: context, options: options)
    try socket.connect(all.endpoint)
    let hello = Hello(
      name: name, incarnation: UInt64.random(in: 1 ... .max), dataset: all.dataset)
    var effects: [WorkerCore.Effect] = []
    core = WorkerCore(hello: hello, at: now, effects: &effects)
    try perform(effects, at: now)
  }

  func add(to poller: inout Poller<Int>, as index: Int) { poller.add(socket, as: index) }

  func receive(at now: Moment) throws {
    while !isOver,
      let frames = try socket.receive(
        maximumFrames: limits.maximumFrames,
        maximumBytes: limits.maximumFrames * limits.maximumFrameBytes)
    {
      let message = try NumberedMessage(frames: frames, limits: limits)
      try handle(.received(message), at: now)
    }
  }

  func handle(_ event: WorkerCore.Event, at now: Moment) throws {
    guard !isOver else { return }
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    try perform(effects, at: now)
  }

  private func perform(_ effects: [WorkerCore.Effect], at now: Moment) throws {
    for effect in effects {
      switch effect {
      case .send(let message): try socket.send(message.encoded())
      case .compute(let lease): try handle(.computed(answer(to: lease)), at: now)
      case .prepare, .load: break
      case .reconnect: throw StandInError.lost
      case .finish(.completed): isOver = true
      case .finish(let ending): throw StandInError.ended(ending)
      }
    }
  }

  private func answer(to lease: Lease) -> LeaseResult {
    guard case .train(let batch, let slices) = lease.work else {
      return LeaseResult(id: lease.id, version: lease.version, sums: [])
    }
    let sums = slices.map { slice in
      let count = UInt64(all.plan.positions(batch: batch, slice: Int(slice)).count)
      return SampleSums(lossSum: Double(count), correct: 0, count: count)
    }
    return LeaseResult(
      id: lease.id, version: lease.version, sums: sums,
      contributions: [Contribution(slices: slices, values: all.gradient)])
  }
}
