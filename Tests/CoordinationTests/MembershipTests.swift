import Testing
import Wire

@testable import Coordination

@Suite struct MembershipTests {
  private func membership(_ members: [(PeerID, String)]) -> Membership {
    var membership = Membership()
    for (peer, name) in members {
      _ = membership.add(
        .sample(name: name), of: nil, peer: peer, channel: Channel(), width: 4, at: .start)
    }
    return membership
  }

  @Test func membersAreInTheOrderInWhichTheyJoined() {
    var members = membership([(.c, "c"), (.a, "a"), (.b, "b")])
    #expect(members.members.map(\.peer) == [.c, .a, .b])
    #expect(members.remove(.a)?.peer == .a)
    #expect(members.members.map(\.peer) == [.c, .b])
    #expect(members.remove(.a) == nil)
    #expect(members.count == 2)
  }

  @Test func membersAreFoundByConnectionAndByIncarnation() {
    var members = membership([(.a, "anna")])
    #expect(members[.a]?.name == "anna")
    #expect(members[.b] == nil)
    #expect(members.member(named: "anna", incarnation: 1)?.peer == .a)
    #expect(members.member(named: "anna", incarnation: 2) == nil)
    #expect(members.member(named: "bert", incarnation: 1) == nil)
    _ = members.remove(.a)
    #expect(members.member(named: "anna", incarnation: 1) == nil)
  }

  @Test func anUpdateChangesOneMemberOnly() {
    var members = membership([(.a, "a"), (.b, "b")])
    members.update(.b) { $0.rejections = 2 }
    members.update(.c) { $0.rejections = 3 }
    #expect(members.members.map(\.rejections) == [0, 2])
  }

  @Test func membersAreReadyOnce() {
    var members = membership([(.a, "a"), (.b, "b")])
    #expect(members.readyCount == 0)
    let marked = [PeerID.a, .a, .c].map { members.markReady($0) }
    #expect(marked == [true, false, false])
    #expect(members.readyCount == 1)
    _ = members.remove(.a)
    #expect(members.readyCount == 0)
  }

  @Test func aPeerIsDescribedInHexadecimal() {
    #expect(PeerID([0, 0x0F, 0xA0, 0xFF]).description == "000fa0ff")
    #expect(PeerID([]).description == "")
  }
}
