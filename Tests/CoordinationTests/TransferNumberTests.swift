import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

/// Numbers of transfers in a session that is so long that they wrap around.
@Suite struct TransferNumberTests {
  @Test(arguments: [UInt32(0), .max - 1, .max])
  func aGradientInTheAnnouncementIsAppliedWhateverTheNumberOfItsTransfer(completed: UInt32) throws {
    var server = TrainingSettings.tiny(steps: 2).makeServer()
    let lease = try #require(server.welcome(.a).first)
    let width = server.optimizer.shape.layout.count
    server.members.update(.a) { member in
      member.incoming = IncomingTransfers(
        count: width, limits: member.channel.limits, completed: completed)
    }
    guard case .train(let batch, let slices) = lease.work else {
      Issue.record("the lease is \(lease.work)")
      return
    }
    let sums = slices.map { slice in
      let count = server.plan.positions(batch: batch, slice: Int(slice)).count
      return SampleSums(count: UInt64(count))
    }
    let push = Push(
      id: lease.id, version: lease.version, sums: sums, contributions: [slices],
      firstPiece: EncodedTensor(float32: [Float](repeating: 1, count: width)[...]))
    let effects = server.handle(.received(.push(push), from: .a))
    #expect(effects.grants(to: .a).first?.verdict?.verdict == .applied)
    #expect(server.version == 1)
    #expect(server.members[.a]?.announcedTransfers == completed &+ 1)
  }
}
