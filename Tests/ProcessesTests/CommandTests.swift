import Foundation
import TestSupport
import Testing

@testable import tributary

/// The commands around a training: help, digits, bench.
@Suite(.serialized, .limit(minutes: 2))
struct CommandTests {
  private static let training = [
    "--recipe", "--mode", "--batch-size", "--slices", "--epochs", "--steps", "--units", "--scan",
    "--learning-rate", "--schedule", "--warm-up", "--clip", "--augmentation", "--normalization",
    "--kernel-initializer", "--dense-initializer", "--bias-initializer", "--evaluate-every",
    "--final-evaluation", "--seed", "--run", "--listen", "--insecure", "--json", "--verbose",
    "--max-connections", "--max-pending", "--handshake-time",
    "--max-connection-rate", "--max-message-rate",
    "--data", "--kernels",
  ]

  @Test(arguments: [
    ("train", training + ["--workers", "--restarts", "--chaos", "stop:worker:1@200+6s"]),
    ("server", training),
    (
      "worker",
      [
        "--connect", "--join", "--name", "--recipe", "--connect-timeout", "--quiet", "--slow-down",
        "--data",
      ]
    ),
    ("evaluate", ["<model.safetensors>", "--split", "--json", "--data", "--kernels"]),
    ("digits", ["<index>", "--split", "--data"]),
    ("bench", ["kernels"]), ("bench kernels", ["--rounds", "--units", "--kernels"]),
    ("", ["train", "server", "worker", "evaluate", "digits", "bench", "143"]),
  ])
  func helpNamesEveryOption(command: String, options: [String]) async throws {
    let end = try await run("\(command) --help", in: TemporaryFolder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    for option in options { #expect(end.output.contains(option), "\(option): \(end.output)") }
  }

  @Test func theVersionIsPrinted() async throws {
    let end = try await run("--version", in: TemporaryFolder())
    #expect(end.status == 0)
    #expect(end.output == "0.4.0\n" && Tributary.version == "0.4.0")
  }

  @Test func digitsShowsImagesWithTheirLabels() async throws {
    let end = try await run("digits --data shapes 0 2 23", in: Training.folder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    let lines = end.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    #expect(lines.count == 3 * (1 + 3), "a line for the label, three for six rows of pixels")
    #expect(lines[0] == "shapes test 0: label 0")
    #expect(lines[4] == "shapes test 2: label 2")
    #expect(lines[8] == "shapes test 23: label 2")
    #expect(lines[1] != "     " && lines[7] != "     ", "the bar is visible: \(end.output)")
    #expect(lines[1...3].allSatisfy { $0.count == 5 })
  }

  @Test func digitsShowsGeneratedDigits() async throws {
    let end = try await run("digits --data generated:100 --split train 79", in: TemporaryFolder())
    #expect(end.status == 0)
    #expect(end.output.hasPrefix("generated digits train 79: label "))
    #expect(end.output.contains("#") && end.output.split(separator: "\n").count == 15)
  }

  @Test func withoutMNISTOneLineReportsGeneratedDigits() async throws {
    let end = try await run("digits 0", in: TemporaryFolder())
    #expect(end.status == 0)
    #expect(end.errorLines.count == 1)
    #expect(end.errors.contains("generated digits") && end.errors.contains("scripts/fetch-mnist"))
  }

  @Test func benchKernelsMeasuresPeakAndSteps() async throws {
    let end = try await run("bench kernels --rounds 1 --units 8", in: TemporaryFolder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    for word in ["peak", "known answers", "GFLOP/s", "%", "samples/s", "50", "100", "256"] {
      #expect(end.output.contains(word), "\(end.output)")
    }
  }
}
