import Foundation
import TestSupport
import Testing

/// A worker that does not fit the server is refused with a reason; the server continues.
@Suite(.serialized, .limit(minutes: 2))
struct RefusedWorkerTests {
  private func expectRefusal(
    _ options: String, status: Int32, naming: [String], from server: Server
  ) async throws {
    let end = try await server.worker("misfit", options).end()
    #expect(end.status == status, "\(end.errors)")
    #expect(end.errorLines.count == 1 && end.errors.hasPrefix("tributary: "), "\(end.errors)")
    for name in naming { #expect(end.errors.contains(name), "\(end.errors)") }
    try await server.program.prints("peer.name=misfit")
  }

  @Test func aWorkerWithOtherDataOrAnotherRecipeIsRefused() async throws {
    let server = try await Server(in: Training.folder())
    var shapes = Shapes()
    shapes.trainImages[50] ^= 1
    try shapes.write("almost", in: server.folder)
    try await expectRefusal(
      "--data almost", status: 65, naming: ["96+24 images", "--data"], from: server)
    try await expectRefusal(
      "--data generated:100", status: 65, naming: ["100+20 images", "28x28"], from: server)
    try await expectRefusal(
      "--data shapes --recipe tutorial", status: 78,
      naming: ["another recipe", "tutorial", "--recipe"],
      from: server)

    let worker = try server.worker("fitting", "--data shapes --recipe v2")
    #expect(try await server.program.end().status == 0)
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
  }

  @Test func theNameOfTheDataDoesNotMatter() async throws {
    let server = try await Server(in: Training.folder())
    try Shapes().write("renamed", in: server.folder)
    let worker = try server.worker("other", "--data renamed")
    #expect(try await server.program.end().status == 0)
    #expect(try await worker.end().status == 0)
  }
}
