import Foundation
import TestSupport
import Testing

/// A training that is stopped leaves readable files, exits with the code of the cause, and leaves
/// no process behind.
@Suite(.serialized, .limit(minutes: 2))
struct StoppingTests {
  private func train(
    _ options: String = "", in folder: TemporaryFolder
  ) async throws -> (Program, endpoint: String) {
    let train = try Program("train \(Training.endless) --run run --verbose \(options)", in: folder)
    try await train.prints("worker.count=2")
    try await train.prints("Minibatch loss=")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    #expect(workers(of: endpoint).count == 2)
    return (train, endpoint)
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalStopsTrainWithItsExitCodeAndLeavesReadableFiles(signal: Int32) async throws {
    let name = [SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP"][signal] ?? ""
    let folder = try Training.folder()
    let (train, endpoint) = try await train(in: folder)
    train.send(signal)
    let end = try await train.end()
    #expect(end.status == 128 + signal, "\(end.errors)")
    #expect(end.hasErrorLine("tributary: stopped by \(name) after "))
    #expect(end.errors.components(separatedBy: "stopped by").count == 2, "reported once")
    #expect(processes(mentioning: endpoint).isEmpty, "the launcher exits last")
    let report = try folder.json("run/report.json")
    #expect(report["outcome"] as? String == "stopped")
    let steps = try #require(report["steps"] as? Int)
    let metrics = try folder.jsonLines("run/metrics.jsonl")
    #expect(metrics.last { $0["kind"] as? String == "step" }?["step"] as? Int == steps)
    let evaluation = try await run("evaluate run/model.safetensors --data shapes", in: folder)
    #expect(evaluation.status == 0, "\(evaluation.errors)")
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func workersLookForAServerThatASignalHasStopped(signal: Int32) async throws {
    let server = try await Server(
      "\(Training.endless) --worker-patience 1", in: Training.folder())
    let workers = try [server.worker("left"), server.worker("right")]
    try await server.makesUpdates()
    try await server.program.prints("worker.count=2")
    server.program.send(signal)
    #expect(try await server.program.end().status == 128 + signal)
    for worker in workers {
      let end = try await worker.end()
      #expect(end.status == 75 && end.errors.contains("session lost"), "\(end.errors)")
    }
    #expect(try server.folder.json("served/report.json")["outcome"] as? String == "stopped")
    #expect(try !server.model.isEmpty)
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func aSignalStopsAServerWithoutWorkers(signal: Int32) async throws {
    let server = try await Server(Training.endless, in: Training.folder())
    server.program.send(signal)
    let end = try await server.program.end()
    #expect(end.status == 128 + signal)
    #expect(end.errors.contains("after 0 steps"))
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalStopsAWorkerThatLooksForItsServer(signal: Int32) async throws {
    let folder = try Training.folder()
    let endpoint = "ipc://\(folder.file("no-server"))"
    let worker = try Program("worker --connect \(endpoint) --data shapes", in: folder)
    _ = try await eventually("signals are blocked") {
      try blockedSignals(worker.identifier) & (1 << (SIGTERM - 1)) != 0 ? true : nil
    }
    worker.send(signal)
    #expect(try await worker.end().status == 128 + signal)
  }

  @Test func theChildrenOfAKilledLauncherStopInOrder() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train(in: folder)
    train.send(SIGKILL)
    #expect(try await train.end().status == 128 + SIGKILL)
    try await waitForExit(ofProcessesOf: endpoint)
    #expect(!FileManager.default.fileExists(atPath: Self.socketFolder(endpoint).path))
    let report = try folder.json("run/report.json")
    #expect(report["outcome"] as? String == "stopped")
    let metrics = try folder.jsonLines("run/metrics.jsonl")
    let steps = metrics.filter { $0["kind"] as? String == "step" }
    #expect(steps.last?["step"] as? Int == report["steps"] as? Int)
    #expect(folder.exists("run/model.safetensors"))
  }

  @Test func aWorkerWhoseServerIsStoppedCompletesTheRunWithTheNextOne() async throws {
    let folder = try Training.folder()
    let command =
      "server \(Training.options) --listen ipc://server.socket --insecure"
      + " --verbose --run served --continue"
    let server = try await Server(Program(command, in: folder), run: "served", in: folder)
    let worker = try server.worker("only")
    try await server.makesUpdates()
    server.program.send(SIGTERM)
    #expect(try await server.program.end().status == 143)
    let next = try await run(command, in: folder)
    #expect(next.status == 0, "\(next.errors)")
    #expect(try await worker.end().status == 0)
    #expect(try folder.read("served/model.safetensors") == (await Training.reference))
  }

  @Test func aWorkerWhoseServerIsKilledJoinsTheNextOne() async throws {
    let folder = try Training.folder()
    let server = try await Server(Training.endless, listen: "ipc://server.socket", in: folder)
    let worker = try server.worker("only")
    try await server.makesUpdates()
    server.program.send(SIGKILL)
    #expect(try await server.program.end().status == 128 + SIGKILL)
    let successor = try await Server(
      Training.endless, listen: "ipc://server.socket", run: "next", in: folder)
    try await successor.makesUpdates()
    successor.program.send(SIGTERM)
    #expect(try await successor.program.end().status == 143)
    worker.send(SIGTERM)
    #expect(try await worker.end().status == 143)
  }

  @Test func aTrainingWithoutWorkersEndsWithAMessage() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train("--restarts 0", in: folder)
    for worker in workers(of: endpoint) { kill(worker, SIGKILL) }
    let end = try await train.end()
    #expect(end.status == 75, "\(end.errors)")
    #expect(end.hasErrorLine("tributary: all workers exited"))
    #expect(try folder.json("run/report.json")["outcome"] as? String == "abandoned")
  }

  @Test func aTrainingThatHasLostItsWorkersContinuesWithAnotherHostsWorker() async throws {
    let folder = try Training.folder()
    let endpoint = "ipc://server.socket"
    let train = try Program(
      "train \(Training.options) --run run --verbose --workers 1 --restarts 0"
        + " --listen \(endpoint) --insecure --chaos stop:worker:1@10+600s", in: folder)
    try await train.prints("chaos  event=stop:worker:1@10")
    let own = try #require(
      processes(mentioning: "--name\0worker-1\0--end-with-input").filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd"))
          == folder.path
      }.first)
    let guest = try Program("worker --connect \(endpoint) --data shapes --name guest", in: folder)
    try await train.prints("worker.name=guest")
    kill(own, SIGKILL)
    let end = try await train.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await guest.end().status == 0)
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func aTrainingThatHasLostOneWorkerContinues() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --run run --restarts 0 --chaos kill:worker:1@20", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("process is not restarted  process.name=worker-1"))
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func childrenHaveTheNameOfTheProgram() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train(in: folder)
    let children = processes(mentioning: endpoint)
    #expect(children.count == 3)
    for child in children {
      let name = FileManager.default.contents(atPath: "/proc/\(child)/comm") ?? Data()
      #expect(String(decoding: name, as: UTF8.self) == "tributary\n")
    }
    train.send(SIGTERM)
    #expect(try await train.end().status == 143)
  }

  @Test func thePrivateSocketIsRemovedAfterTheRun() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 3 --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    #expect(!FileManager.default.fileExists(atPath: Self.socketFolder(endpoint).path))
  }

  @Test func thePrivateFolderOfKilledProcessesIsRemovedByTheNextLauncher() async throws {
    let folder = try Training.folder()
    let environment = ["TMPDIR": folder.path]
    let train = try Program(
      words("train \(Training.endless) --run run --verbose"), in: folder, environment: environment)
    try await train.prints("Minibatch loss=")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    let socketFolder = Self.socketFolder(endpoint).path
    #expect(socketFolder.hasPrefix(folder.path))
    for process in processes(mentioning: endpoint) { kill(process, SIGSTOP) }
    let children = processes(mentioning: endpoint)
    train.send(SIGSTOP)
    for process in children { kill(process, SIGKILL) }
    train.send(SIGKILL)
    try await waitForExit(ofProcessesOf: endpoint)
    _ = try await train.end()
    #expect(FileManager.default.fileExists(atPath: socketFolder))
    let next = try await run(
      words("train --data shapes --units 4 --batch-size 8 --steps 3 --run next"), in: folder,
      environment: environment)
    #expect(next.status == 0, "\(next.errors)")
    #expect(!FileManager.default.fileExists(atPath: socketFolder))
  }

  private static func socketFolder(_ endpoint: String) -> URL {
    URL(fileURLWithPath: String(endpoint.dropFirst("ipc://".count))).deletingLastPathComponent()
  }
}

/// Returns the mask of the signals that the main thread of a process blocks.
private func blockedSignals(_ process: Int32) throws -> UInt64 {
  let status = FileManager.default.contents(atPath: "/proc/\(process)/status") ?? Data()
  let line = String(decoding: status, as: UTF8.self).split(separator: "\n")
    .first { $0.hasPrefix("SigBlk:") }
  return line.flatMap { UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16) }
    ?? 0
}
