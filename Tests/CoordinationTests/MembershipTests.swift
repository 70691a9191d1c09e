import Testing

@testable import Coordination

@Suite struct MembershipTests {
  private func member(_ peer: PeerID, name: String = "anna", received: Double = 0) -> Member {
    Member(peer: peer, hello: .sample(name: name), number: 1, at: .seconds(received))
  }

  @Test func membersAreInTheOrderInWhichTheyJoined() {
    var members = Membership()
    for peer in [PeerID.c, .a, .b] { members.add(member(peer)) }
    #expect(members.members.map(\.peer) == [.c, .a, .b])
    #expect(members.remove(.a)?.peer == .a)
    #expect(members.members.map(\.peer) == [.c, .b])
    #expect(members.remove(.a) == nil)
    #expect(members.count == 2)
  }

  @Test func membersAreFoundByConnectionAndByIncarnation() {
    var members = Membership()
    members.add(member(.a, name: "anna"))
    #expect(members[.a]?.name == "anna")
    #expect(members[.b] == nil)
    #expect(members.member(named: "anna", incarnation: 1)?.peer == .a)
    #expect(members.member(named: "anna", incarnation: 2) == nil)
    #expect(members.member(named: "bert", incarnation: 1) == nil)
  }

  @Test func anUpdateChangesOneMemberOnly() {
    var members = Membership()
    members.add(member(.a))
    members.add(member(.b))
    members.update(.b) { $0.isReady = true }
    members.update(.c) { $0.isReady = true }
    #expect(members.members.map(\.isReady) == [false, true])
  }

  @Test func aMemberIsSilentAfterMoreThanTheLimit() {
    var members = Membership()
    members.add(member(.a, received: 1))
    members.add(member(.b, received: 2))
    #expect(members.silent(for: .seconds(5), at: .seconds(6)).isEmpty)
    #expect(members.silent(for: .seconds(5), at: .seconds(6.5)).map(\.peer) == [.a])
    #expect(members.silent(for: .seconds(5), at: .seconds(9)).map(\.peer) == [.a, .b])
    #expect(members.silent(for: .seconds(5), at: .start).isEmpty)
  }

  @Test func aPeerIsDescribedInHexadecimal() {
    #expect(PeerID([0, 0x0F, 0xA0, 0xFF]).description == "000fa0ff")
    #expect(PeerID([]).description == "")
  }
}
