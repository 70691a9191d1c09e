import Coordination
import Glibc
import Learning
import Testing
import Wire

/// The cost of an event does not grow with the number of workers.
@Suite(.serialized) struct CostPerEventTests {
  /// A server with workers of which the first few hold leases.
  private struct Crowd {
    var server: ServerCore
    var numbers: [UInt32]
    var now = Moment.start

    /// Creates a server with `count` ready workers in a step of 8 slices.
    init(_ count: Int, mode: Mode) {
      let settings = TrainingSettings.tiny(mode, steps: 1000)
      let timing = Timing(heartbeat: .seconds(1), silence: .seconds(5))
      server = settings.makeServer(policy: Policy(timing: timing, maximumWorkers: count))
      numbers = Array(repeating: 1, count: count)
      for index in 0..<count {
        send(.hello(.sample(name: "worker-\(index)", incarnation: UInt64(index))), from: index)
        send(.ready, from: index)
      }
    }

    static func peer(_ index: Int) -> PeerID {
      PeerID([1, UInt8(index >> 16), UInt8(index >> 8 & 0xFF), UInt8(index & 0xFF)])
    }

    mutating func send(_ message: Message, from index: Int) {
      let numbered = NumberedMessage(message, number: numbers[index], acknowledged: numbers[index])
      numbers[index] += 1
      deliver(.received(numbered, from: Self.peer(index)))
    }

    mutating func deliver(_ event: ServerCore.Event) {
      var effects: [ServerCore.Effect] = []
      server.handle(event, at: now, effects: &effects)
    }
  }

  /// Events whose cost is compared, each for worker `index`.
  enum Kind: String, CaseIterable {
    case heartbeat, acknowledgement, tick, push, stranger, rejoin
  }

  private func perform(_ kind: Kind, _ crowd: inout Crowd, _ index: Int) {
    switch kind {
    case .heartbeat:
      crowd.send(.heartbeat(Heartbeat(progress: UInt64(index))), from: index)
    case .acknowledgement: crowd.send(.acknowledgement, from: index)
    case .tick: crowd.deliver(.tick)
    case .push:  // of a lease that does not exist
      let id = LeaseID(incarnation: 0xABC, counter: 1 << 40)
      crowd.send(.push(Push(id: id, version: 0, sums: [])), from: index)
    case .stranger:
      crowd.deliver(.received(NumberedMessage(.ready, number: 1), from: PeerID([9])))
    case .rejoin:
      crowd.deliver(.unreachable(Crowd.peer(index)))
      crowd.numbers[index] = 1
      crowd.send(.hello(.sample(name: "again-\(index)", incarnation: 7)), from: index)
      crowd.send(.ready, from: index)
    }
  }

  /// Processor time of this thread in seconds.
  private var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Returns the processor time of an event in the fastest of several rounds.
  private func cost(_ kind: Kind, members: Int, mode: Mode) -> Double {
    var crowd = Crowd(members, mode: mode)
    var best = Double.infinity
    for round in 0..<20 {
      let start = processorTime
      for index in 0..<50 { perform(kind, &crowd, members - 1 - index - round % 2 * 50 % members) }
      best = min(best, processorTime - start)
    }
    return best / 50
  }

  @Test(arguments: Kind.allCases, [Mode.sync, .async, .bounded])
  func anEventCostsTheSameForTenThousandWorkers(kind: Kind, mode: Mode) {
    let few = cost(kind, members: 100, mode: mode)
    let many = cost(kind, members: 10_000, mode: mode)
    // In proportion to the workers, the ratio would be about 100.
    #expect(many < 10 * few, "\(few * 1e6) us for 100 workers, \(many * 1e6) us for 10,000")
  }
}
