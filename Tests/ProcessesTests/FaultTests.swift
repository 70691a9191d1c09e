import Foundation
import TestSupport
import Testing

/// A training in which a worker crashes or hangs at any point has the same result.
@Suite(.serialized, .limit(minutes: 2))
struct FaultTests {
  private func expectReference(_ server: Server, survivor: Program) async throws {
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await survivor.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  @Test(arguments: [
    "hello", "welcome", "grant", "load", "computed", "push",
  ])
  func aWorkerThatCrashesChangesNoBit(place: String) async throws {
    let server = try await Server(in: Training.folder())
    let victim = try server.worker("victim", "--data shapes --crash-at \(place)")
    #expect(try await victim.end().status == 128 + SIGKILL)
    let survivor = try server.worker("survivor", "--data shapes")
    try await expectReference(server, survivor: survivor)
  }

  @Test func aWorkerThatHangsIsEvictedDespiteItsHeartbeats() async throws {
    let server = try await Server(in: Training.folder())
    let victim = try server.worker("victim", "--data shapes --hang-at 5")
    let end = try await victim.end()
    #expect(end.status == 75, "\(end.errors)")
    #expect(end.errors.contains("its computation made no progress"))
    try await server.program.prints("worker left  reason=its computation made no progress")
    let survivor = try server.worker("survivor", "--data shapes")
    try await expectReference(server, survivor: survivor)
  }
}
