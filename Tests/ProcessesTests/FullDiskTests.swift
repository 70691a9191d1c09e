import Foundation
import TestSupport
import Testing

/// Trainings on a full disk, and commands whose output cannot be written.
///
/// The disk is a small tmpfs, mounted in a namespace of its own.
@Suite(.serialized, .limit(minutes: 2))
struct FullDiskTests {
  /// The weights are 33 kB, a checkpoint is 100 kB.
  private static let training = words(
    "train --data generated:300 --units 32 --batch-size 20 --steps 30 --checkpoint-every 5"
      + " --workers 1")

  /// Whether this user may mount a file system in a namespace of its own.
  private static let canMount: Bool = {
    Command("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).output() != nil
  }()

  private static let hasFullDevice = FileManager.default.fileExists(atPath: "/dev/full")

  /// Runs a shell script in `folder`; its parameters are the program and `arguments`.
  private func shell(
    _ script: String, _ arguments: [String], prefix: [String] = [], in folder: TemporaryFolder
  ) throws -> Command.Outcome {
    let words = prefix + ["sh", "-c", script, "sh", try Program.executable.path] + arguments
    return try Command("env", words, in: folder.path).run()
  }

  /// Trains on a disk of this size into `kept/run`.
  private func train(
    kilobytes: Int, in folder: TemporaryFolder
  ) throws -> Command.Outcome {
    try FileManager.default.createDirectory(
      atPath: folder.file("full"), withIntermediateDirectories: false)
    let script = """
      mount -t tmpfs -o size=\(kilobytes)k tmpfs full || exit 99
      "$@"; code=$?; cp -r full kept; exit $code
      """
    return try shell(
      script, Self.training + ["--run", "full/run"], prefix: ["unshare", "-rm"], in: folder)
  }

  private func checkpoints(_ folder: TemporaryFolder) throws -> [String] {
    try folder.names("kept/run/checkpoints")
  }

  private func model() async throws -> Data {
    let folder = try TemporaryFolder()
    let end = try await run(Self.training + ["--run", "run"], in: folder)
    try #require(end.status == 0, "\(end.errors)")
    return try folder.read("run/model.safetensors")
  }

  @Test(.enabled(if: canMount))
  func olderCheckpointsMakeRoomForTheModel() async throws {
    let folder = try TemporaryFolder()
    let end = try train(kilobytes: 240, in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("old checkpoint removed to make room"), "\(end.errors)")
    #expect(end.output.contains("model       full/run/model.safetensors"))
    #expect(try await folder.read("kept/run/model.safetensors") == model())
    let left = try checkpoints(folder)
    #expect(left.count == 1 && left != ["step-0.safetensors"], "\(left)")
  }

  /// The disk is full for a while, with room for a part of the next lines.
  @Test(.enabled(if: canMount))
  func afterwardsTheMetricsHaveEveryStepOnce() async throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("full"), withIntermediateDirectories: false)
    let script = """
      mount -t tmpfs -o size=4m tmpfs full || exit 99
      "$@" & until [ -s full/run/metrics.jsonl ]; do sleep 0.1; done
      dd if=/dev/zero of=full/filler bs=4096 2>/dev/null; truncate -s -4096 full/filler
      sleep 3; rm full/filler; sleep 2.5
      kill -TERM $!; wait $!; code=$?; cp -r full kept; exit $code
      """
    let arguments = Self.training.map { $0 == "30" ? "1000000" : $0 == "5" ? "1000000" : $0 }
    let end = try shell(
      script, arguments + ["--run", "full/run"], prefix: ["unshare", "-rm"], in: folder)
    #expect(end.status == 143, "\(end.errors)")
    #expect(end.errors.contains("error: metrics cannot be written"), "\(end.errors)")
    #expect(end.errors.contains("metrics are written again"), "\(end.errors)")
    let lines = try folder.text("kept/run/metrics.jsonl").split(separator: "\n")
    let objects = try lines.map { try JSON.object(String($0)) }
    let steps = objects.filter { $0["kind"] as? String == "step" }.map { $0["step"] as? Int }
    #expect(steps == Array(1...steps.count))
  }

  @Test(.enabled(if: canMount))
  func withoutRoomForTheModelTheReportIsPrintedAndTheRunResumes() async throws {
    let folder = try TemporaryFolder()
    let end = try train(kilobytes: 132, in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(
      end.errors.contains(
        "tributary: full/run/model.safetensors: writing failed (No space left on device); "
          + "free space, then use --resume full/run to write it\n"),
      "\(end.errors)")
    #expect(end.output.contains("accuracy") && !end.output.contains("model"), "\(end.output)")
    #expect(!end.errors.contains("Domain="), "\(end.errors)")
    #expect(try checkpoints(folder) == ["step-0.safetensors"])
    #expect(!folder.exists("kept/run/report.json"))
    let resumed = try await run("train --resume kept/run", in: folder)
    #expect(resumed.status == 0, "\(resumed.errors)")
    #expect(try await folder.read("kept/run/model.safetensors") == model())
  }

  @Test(.enabled(if: hasFullDevice), arguments: ["", "--json"])
  func aReportThatCannotBePrintedIsAnErrorAndTheModelIsKept(option: String) async throws {
    let folder = try TemporaryFolder()
    let arguments = Self.training + ["--run", "run"] + words(option)
    let end = try shell(#""$@" > /dev/full"#, arguments, in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(
      end.errors.contains("tributary: standard output: writing failed (No space left on device)"))
    #expect(try await folder.read("run/model.safetensors") == model())
    #expect(folder.exists("run/report.json"))
  }

  @Test(
    .enabled(if: hasFullDevice),
    arguments: [
      "digits --data shapes", "evaluate --data shapes model", "evaluate --json --data shapes model",
    ])
  func anOutputThatCannotBeWrittenIsAnError(command: String) async throws {
    let folder = try Training.folder()
    try folder.write(await Training.reference, "model")
    let end = try shell(#""$@" > /dev/full"#, words(command), in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(end.errors.contains("tributary: standard output: writing failed"), "\(end.errors)")
  }
}
