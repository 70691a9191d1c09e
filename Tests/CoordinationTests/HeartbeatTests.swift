import Coordination
import Learning
import Testing
import Wire

@Suite struct HeartbeatTests {
  private let timing = Timing(heartbeat: .seconds(1), silence: .seconds(5), stall: .seconds(60))

  @Test func theServerSendsAHeartbeatToEveryMemberOncePerInterval() {
    var server = TrainingSettings.tiny().makeServer(policy: Policy(timing: timing))
    _ = server.welcome(.a)
    _ = server.welcome(.b, incarnation: 2)
    let beats = stride(from: 0, through: 2, by: 0.25).filter { second in
      let effects = server.handle(.tick, at: .seconds(second))
      let beat = Message.heartbeat(Heartbeat(progress: 0))
      #expect(effects.messages(to: .a).contains(beat) == effects.messages(to: .b).contains(beat))
      return effects.messages(to: .a).contains(beat)
    }
    #expect(beats == [1, 2])  // the welcome counts as well
  }

  @Test func aHeartbeatContainsTheNumberOfSamplesTrained() throws {
    let settings = TrainingSettings.tiny { $0.length = .epochs(1) }  // 37 samples in 4 batches
    for (version, samples) in [(0, 0), (3, 30), (4, 37)] as [(UInt64, UInt64)] {
      var cluster = Cluster(settings, workers: 1)
      try cluster.run { $0.server.version == version && $0.workers[0].isBusy }
      var server = cluster.server
      let effects = server.handle(.tick, at: cluster.now.advanced(by: .seconds(1)))
      #expect(
        effects.messages(to: cluster.workers[0].peer)
          == [.heartbeat(Heartbeat(progress: samples))])
    }
  }

  /// Any message counts as a sign of life; a heartbeat is sent when there is no other message.
  @Test func silenceIsCountedFromTheLastMessage() {
    var server = TrainingSettings.tiny().makeServer(policy: Policy(timing: timing))
    _ = server.welcome(.a, at: .start)
    _ = server.handle(.received(.heartbeat(Heartbeat(progress: 0)), from: .a), at: .seconds(4))
    _ = server.handle(.tick, at: .seconds(9))
    #expect(server.members.count == 1)
    _ = server.handle(.received(.ready, from: .a), at: .seconds(9))
    _ = server.handle(.tick, at: .seconds(14))
    #expect(server.members.count == 1)
    let push = Push(id: LeaseID(incarnation: 1, counter: 0), version: 0, sums: [])
    _ = server.handle(.received(.push(push), from: .a), at: .seconds(14))
    _ = server.handle(.tick, at: .seconds(19))
    #expect(server.members.count == 1)
    let effects = server.handle(.tick, at: .seconds(19.1))
    let reason = "no message for 5.0 seconds"
    #expect(effects.reports.first == .left(name: "anna", reason: reason, workers: 0))
    // The worker may be back later: it learns why it must join again.
    #expect(effects.refusal(to: .a) == Refusal(reason: .unknownMember, detail: reason))
  }

  /// Closed connections of others cause heartbeats. Those that would fill the queue to a member are
  /// skipped and take no number, and the member keeps its session and its leases.
  @Test func othersDisconnectsNeitherFillTheQueueToAMemberNorEvictIt() throws {
    var policy = Policy(timing: timing)
    policy.heartbeatLimit = 10
    var server = TrainingSettings.tiny().makeServer(policy: policy)
    let lease = try #require(server.welcome(.a).first)
    var numbers: [UInt32] = []
    for index in 0..<80 {
      let now = Moment.seconds(Double(index) * 0.06)
      let effects = server.handle(.disconnected, at: now) + server.handle(.tick, at: now)
      #expect(effects.reports.isEmpty)
      numbers += effects.numbers(to: .a)
    }
    #expect(numbers == Array(3...11))  // after the welcome and the grant
    let result = LeaseResult(id: lease.id, version: lease.version, sums: [])
    let answer = server.push(result, from: .a).numbers(to: .a)
    #expect(answer.first == 12 && server.members.count == 1)
  }

  /// A message of the session is lost, and the peer does not keep to its credit.
  @Test func aMemberWithAFullQueueIsEvicted() {
    var server = TrainingSettings.tiny().makeServer(policy: Policy(timing: timing))
    _ = server.welcome(.a)
    let effects = server.handle(.queueFull(.a))
    #expect(
      effects.reports.first
        == .left(name: "anna", reason: "it does not read its messages", workers: 0))
  }

  @Test func leasesOfAnEvictedWorkerAreReissuedAtOnce() {
    var server = TrainingSettings.tiny().makeServer(policy: Policy(timing: timing))
    let held = server.welcome(.a, at: .seconds(4.5))
    #expect(server.welcome(.b, incarnation: 2, at: .seconds(4.6)).isEmpty)
    let effects = server.handle(.unreachable(.a), at: .seconds(4.7))
    #expect(effects.leases(to: .b).map(\.work) == held.map(\.work))
  }
}
