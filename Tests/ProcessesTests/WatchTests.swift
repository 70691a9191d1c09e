import Foundation
import TestSupport
import Testing

/// Observers of a run: the real programs.
@Suite(.serialized, .limit(minutes: 2))
struct WatchTests {
  @Test func anObserverSeesTheProgressAndChangesNothing() async throws {
    let folder = try Training.folder()
    let options = Training.options + " --start-with 1"
    let server = try await Server(options, hasKeys: true, in: folder)
    let invite = try await run("keys invite eye --role observer --run served", in: folder)
    #expect(invite.status == 0, "\(invite.errors)")
    let watch = "watch --once --join served/invitations/eye"
    let before = try await run(watch, in: folder)
    #expect(before.status == 0 && before.output == "v2, sync: 0 samples\n", "\(before.errors)")
    let observer = try Program("watch --join served/invitations/eye", in: folder)
    let worker = try Program("worker --join served/invitation --data shapes", in: folder)
    #expect(try await server.program.end().status == 0)
    #expect(try await worker.end().status == 0)
    #expect(try await server.model == Training.reference)
    let end = try await observer.end()
    #expect(end.status == 69 && end.output.hasPrefix("v2, sync: "), "\(end.errors)")
    #expect(try await run(watch + " --connect-timeout 1", in: folder).status == 69)
  }

  @Test func rolesAreNotInterchangeable() async throws {
    let folder = try Training.folder()
    let server = try await Server(Training.endless, hasKeys: true, in: folder)
    _ = try await run("keys invite eye --role observer --run served", in: folder)
    for line in ["watch --join served/invitation", "worker --join served/invitations/eye"] {
      let end = try await run(line + (line.hasPrefix("worker") ? " --data shapes" : ""), in: folder)
      #expect(end.status == 78 && end.errors.contains("--role"), "\(end.errors)")
    }
    #expect(try await run("watch", in: folder).status == 64)
    server.program.send(SIGTERM)
    _ = try await server.program.end()
  }
}
