import Foundation
import TestSupport
import Testing

/// One command for the start and for every restart of a run (`--continue`).
@Suite(.serialized, .limit(minutes: 3))
struct ContinueTests {
  private static let command = "train \(Training.options) --workers 2 --run kept --continue"

  @Test func theSameCommandStartsResumesAndEnds() async throws {
    let folder = try Training.folder()
    let first = try await Server(
      "\(Training.options) --continue", run: "kept", in: folder)
    let worker = try first.worker("first", "--data shapes --hang-at 300")  // before the end
    try await first.makesUpdates()
    first.program.send(SIGKILL)
    #expect(try await first.program.end().status == 128 + SIGKILL)
    worker.send(SIGKILL)
    let second = try await run(Self.command, in: folder)
    #expect(second.status == 0, "\(second.errors)")
    #expect(second.errors.contains("run resumes  run=kept"), "\(second.errors)")
    #expect(try folder.read("kept/model.safetensors") == (await Training.reference))
    let third = try await run(Self.command, in: folder)
    #expect(third.status == 0, "\(third.errors)")
    #expect(third.errors.contains("kept is complete after 600 steps"), "\(third.errors)")
  }

  @Test func settingsThatContradictTheRunAreRefusedByName() async throws {
    let folder = try Training.folder()
    let begun = try await run(
      "train \(Training.options.replacing("--steps 600", with: "--steps 9")) --run kept --continue",
      in: folder)
    #expect(begun.status == 0, "\(begun.errors)")
    let model = try folder.read("kept/model.safetensors")
    for command in ["train", "server"] {
      let other = try await run(
        "\(command) --data shapes --recipe v2 --seed 5 --run kept --continue", in: folder)
      #expect(other.status == 64, "\(other.errors)")
      #expect(
        other.errors.contains("--seed cannot be 5: the run in kept has seed 4"), "\(other.errors)")
    }
    // Settings that are omitted are those of the run.
    let same = try await run("train --seed 4 --run kept --continue", in: folder)
    #expect(same.status == 0 && same.errors.contains("complete"), "\(same.errors)")
    #expect(try folder.read("kept/model.safetensors") == model)
  }

  @Test(arguments: ["", "--resume kept", "--run kept --resume kept"])
  func theFolderMustBeNamedByRun(options: String) async throws {
    let end = try await run("server --continue \(options)", in: TemporaryFolder())
    #expect(end.status == 64)
    #expect(end.errors.contains("--continue needs the folder of the run in --run"))
  }
}
