import Learning
import TestSupport
import Testing

@testable import Processes

/// Models and batches for which no host of today has the memory.
@Suite(.serialized, .limit(minutes: 2))
struct MemoryTests {
  @Test(arguments: [
    "train --workers 2 --units 8192 --layers 8 --batch-size 65536 --slices 1",
    "train --workers 2 --units 4096 --batch-size 65536 --mode async",
    "server --units 8192 --layers 8",
  ])
  func aTrainingThatIsTooLargeIsRefused(line: String) async throws {
    let words = ["needs", "iB of memory (", "iB are available; reduce --"]
    let call = WrongCall("\(line) --data shapes --kernel-initializer zeros --run run", named: words)
    let folder = try Training.folder()
    try await call.check(status: 78, in: folder)
    #expect(!folder.exists("run/checkpoints"))
  }

  @Test func aWorkerWithoutMemoryForTheBatchIsNotRestarted() async throws {
    let server = try await Server(
      "--data shapes --units 2048 --scan pixels --batch-size 65536 --slices 1 --steps 2"
        + " --kernel-initializer zeros", in: Training.folder())
    let worker = try Program(
      "worker --data shapes --connect \(server.endpoint)", in: server.folder)
    let end = try await worker.end()
    #expect(end.status == 78, "\(end.errors)")
    #expect(end.errors.contains("tributary: this worker needs "), "\(end.errors)")
    #expect(end.errors.contains("reduce --batch-size, or --units or --layers"), "\(end.errors)")
  }

  @Test func theFigureAndTheRemedyAreNamed() throws {
    let shape = ModelShape(
      timeSteps: 28, features: 28, units: 128, classes: 10, normalization: .none)
    let needed = MemoryEstimate.server(shape)
    #expect(throws: Never.self) { try MemoryShortage.check(needed, for: "it", available: 1e9) }
    #expect(throws: Never.self) { try MemoryShortage.check(needed, for: "it", available: nil) }
    let error = #expect(throws: MemoryShortage.self) {
      try MemoryShortage.check(needed, for: "it", available: 2_000_000)
    }
    let text = try #require(error).description
    #expect(text.hasPrefix("it needs 5.0 MiB of memory (5.0 MiB for the model, "), "\(text)")
    #expect(
      text.hasSuffix(
        "but 1.9 MiB are available; reduce --units or --layers, "
          + "or use a host with more memory"), "\(text)")
  }

  @Test func theSystemReportsItsMemory() throws {
    let bytes = try #require(AvailableMemory.bytes)
    #expect(bytes > 1e6 && bytes < 1e15)
    #expect(AvailableMemory.field("b", of: "a 1 kB\nb   22 kB\n") == 22)
    #expect(AvailableMemory.field("c", of: "a 1 kB\nb   22 kB\n") == nil)
  }
}
