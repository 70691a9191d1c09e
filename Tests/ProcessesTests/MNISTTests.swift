import Foundation
import TestSupport
import Testing

/// The folder in `MNIST_DIR`, if it exists.
private let mnistFolder: String? = {
  guard let folder = ProcessInfo.processInfo.environment["MNIST_DIR"] else { return nil }
  let path = URL(fileURLWithPath: folder).path
  return FileManager.default.fileExists(atPath: path) ? path : nil
}()

/// Commands that read MNIST.
@Suite(.enabled(if: mnistFolder != nil, "MNIST_DIR names no folder with MNIST"))
struct MNISTTests {
  @Test(.limit(minutes: 2))
  func trainReadsMNISTAndReportsWholeSplits() async throws {
    let mnist = try #require(mnistFolder)
    let folder = try TemporaryFolder()
    let end = try await run(
      "train --units 12 --steps 60 --run run --json", in: folder, environment: ["MNIST_DIR": mnist])
    #expect(end.status == 0, "\(end.errors)")
    let report = try folder.json("run/report.json")
    #expect(report["dataset"] as? String == "MNIST")
    let accuracy = try #require(report["test_accuracy"] as? Double)
    #expect(accuracy > 0.2 && accuracy < 0.99, "60 steps have an effect")
    let metrics = try folder.jsonLines("run/metrics.jsonl")
    let counts = metrics.filter {
      $0["kind"] as? String == "evaluation" && $0["step"] as? Int == 60
    }
    .compactMap { $0["samples"] as? Int }
    #expect(counts.sorted() == [5_000, 10_000, 55_000])
  }

  @Test(.limit(minutes: 2))
  func digitsShowsTheFirstTestImages() async throws {
    let mnist = try #require(mnistFolder)
    let end = try await run(
      ["digits", "--data", mnist, "0", "1", "2"], in: TemporaryFolder())
    let labels = end.output.split(separator: "\n").filter { $0.contains("label") }
    #expect(labels == ["MNIST test 0: label 7", "MNIST test 1: label 2", "MNIST test 2: label 1"])
  }
}
