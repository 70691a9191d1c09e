import Foundation
import Synchronization
import TestSupport
import Testing
import ZeroMQ

@testable import Processes

/// A conversation that is recorded on the way: it contains nothing that is known about it.
@Suite(.limit(minutes: 2))
struct RecordedConversationTests {
  /// A forwarder of one connection that keeps all bytes.
  private final class Recorder: Sendable {
    let endpoint: String
    private let recorded = Mutex<[UInt8]>([])

    init(to server: String) throws {
      let serverPort = try Loopback.port(of: server)
      let (listener, port) = try Loopback.listen()
      endpoint = "tcp://127.0.0.1:\(port)"
      Thread.detachNewThread { [self] in
        while let worker = Loopback.accept(listener) {
          guard let server = Loopback.connect(serverPort) else { return }
          Thread.detachNewThread { [self] in copy(from: worker, to: server) }
          Thread.detachNewThread { [self] in copy(from: server, to: worker) }
        }
      }
    }

    var bytes: Data { Data(recorded.withLock { $0 }) }

    private func copy(from: Int32, to: Int32) {
      while let bytes = Loopback.receive(from, atMost: 1 << 16) {
        recorded.withLock { $0 += bytes }
        guard Loopback.send(bytes, to: to) else { break }
      }
      shutdown(to, Int32(SHUT_RDWR))
    }
  }

  private static let name = "a-worker-of-some-name"

  /// Returns what is found of the known texts and of 32-byte parts of the model's final weights.
  private func found(in bytes: Data, _ folder: TemporaryFolder) throws -> [String] {
    let model = try folder.read("served/model.safetensors")
    let report = try folder.json("served/report.json")
    let fingerprint = try #require(report["dataset_fingerprint"] as? String)
    let texts = [Self.name, "lstm/kernel", "learning_rate", fingerprint, "TRIB"]
    let parts = stride(from: model.count / 2, to: model.count - 32, by: 64).map {
      model[$0..<$0 + 32]
    }
    return texts.filter { bytes.range(of: Data($0.utf8)) != nil }
      + (parts.contains { bytes.range(of: $0) != nil } ? ["weights"] : [])
  }

  private func record(hasKeys: Bool) async throws -> [String] {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 30")
    let server = try await Server(options, hasKeys: hasKeys, in: folder)
    let recorder = try Recorder(to: server.endpoint)
    var join = ["--connect", recorder.endpoint]
    if hasKeys {
      var invitation = try Invitation.read(folder.path + "/served/invitation")
      invitation.endpoints = [recorder.endpoint]
      join = ["--join", try invitation.text]
    }
    let worker = try Program(
      ["worker", "--name", Self.name] + join + words("--data shapes"), in: folder)
    #expect(try await server.program.end().status == 0)
    #expect(try await worker.end().status == 0)
    return try found(in: recorder.bytes, folder)
  }

  @Test func withKeysNothingKnownIsInClear() async throws {
    #expect(try await record(hasKeys: true) == [])
  }

  /// Shows that the search finds what is there.
  @Test func withoutKeysNamesAndWeightsAre() async throws {
    let found = try await record(hasKeys: false)
    for text in [Self.name, "lstm/kernel", "TRIB", "weights"] { #expect(found.contains(text)) }
  }
}
