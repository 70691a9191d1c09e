import Numerics
import TestSupport
import Testing

@testable import Processes

/// A machine that computes wrongly is refused before it takes part in anything.
@Suite(.serialized, .limit(minutes: 2))
struct MachineFaultTests {
  @Test(arguments: KernelVariant.supported)
  func aRightMachinePasses(variant: KernelVariant) throws {
    try MachineFault.check(Kernels(variant))
    let other = try #require(KernelVariant.allCases.first { $0 != variant })
    let fault = Miscomputation("\(other.rawValue):adam")
    try MachineFault.check(Kernels(variant), injecting: fault)
  }

  @Test(arguments: KernelVariant.supported)
  func theErrorNamesMachineVariantOperationAndRemedy(variant: KernelVariant) throws {
    let fault = try #require(Miscomputation("\(variant.rawValue):product/ties"))
    let error = #expect(throws: MachineFault.self) {
      try MachineFault.check(Kernels(variant), injecting: fault, host: "node7")
    }
    let text = try #require(error).description
    for part in ["node7", "\(variant.rawValue) kernels", "product/ties", "test its memory"] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(!text.contains("--kernels \(variant.rawValue)"))
    for other in KernelVariant.supported where other != variant {
      #expect(text.contains("--kernels \(other.rawValue)"), "\(text)")
    }
  }

  @Test func withoutAnotherVariantNoneIsRecommended() {
    let fault = MachineFault(host: "a", variant: .plain, operation: "adam", alternatives: [])
    #expect(fault.description.hasSuffix("or use another machine"))
  }

  @Test(arguments: ["adam", "plain", "plain:", ":adam", "fast:adam", "plain:sum"])
  func anUnknownFaultIsNotInjected(text: String) {
    #expect(Miscomputation(text) == nil)
  }

  @Test(arguments: KernelVariant.supported)
  func everyCommandThatComputesRefusesTheMachine(variant: KernelVariant) async throws {
    let fault = "--kernels \(variant.rawValue) --miscompute \(variant.rawValue):cross-entropy"
    let folder = try Training.folder()
    for line in [
      "worker --connect tcp://127.0.0.1:1", "server --run run", "evaluate run", "train --run run",
    ] {
      let end = try await run("\(line) --data shapes \(fault)", in: folder)
      #expect(end.status == 71, "\(line): \(end.errors)")
      let start = "tributary: the machine "
      #expect(end.hasErrorLine(start), "\(line): \(end.errors)")
      for part in [variant.rawValue, "cross-entropy", "use another machine"] {
        #expect(end.errors.contains(part), "\(line): \(end.errors)")
      }
      #expect(!folder.exists("run"), "\(line)")
    }
  }

  /// A fault of one variant does not stop a training with another one.
  @Test func aTrainingWithAnotherVariantSucceeds() async throws {
    guard let other = KernelVariant.supported.first(where: { $0 != .plain }) else { return }
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --workers 1 --run run --kernels plain"
        + " --miscompute \(other.rawValue):adam", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.read("run/model.safetensors") == (try await Training.reference))
  }

  /// The server is on a right machine; the workers are refused and not restarted.
  @Test func aFaultyWorkerNeverReachesTheServer() async throws {
    let server = try await Server(in: Training.folder())
    let variant = KernelVariant.best.rawValue
    let faulty = try server.worker("faulty", "--data shapes --miscompute \(variant):add")
    #expect(try await faulty.end().status == 71)
    let right = try server.worker("right", "--data shapes")
    #expect(try await server.program.end().status == 0)
    #expect(try await right.end().status == 0)
    #expect(!server.program.errors.contains("faulty"))
    #expect(try await server.model == Training.reference)
  }
}
