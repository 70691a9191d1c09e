import Foundation
import TestSupport
import Testing

/// `tributary train` restarts processes that crash, and exits after all of its children.
@Suite(.serialized, .limit(minutes: 2))
struct LauncherTests {
  /// Starts a training that does not end by itself, and waits until it prints `line`.
  private func train(
    _ options: String = "", in folder: TemporaryFolder, until line: String = "Minibatch loss="
  ) async throws -> (Program, endpoint: String) {
    let train = try Program("train \(Training.endless) --run run --verbose \(options)", in: folder)
    try await train.prints(line)
    return (train, try folder.text("run/endpoint").trimmingCharacters(in: .newlines))
  }

  private func expectStopped(_ train: Program, _ endpoint: String) async throws {
    train.send(SIGTERM)
    let end = try await train.end()
    #expect(end.status == 143, "\(end.errors)")
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  // MARK: Restarts

  @Test func aKilledWorkerIsRestartedAndGetsWork() async throws {
    let (train, endpoint) = try await train("--workers 1", in: Training.folder())
    kill(try #require(workers(of: endpoint).first), SIGKILL)
    try await train.prints("process ended  process.name=worker-1  process.signal=9")
    try await train.prints("process will be restarted  pause=0.25 seconds  process.name=worker-1")
    try await train.prints("worker joined", times: 2)
    let lines = train.count(of: "Minibatch loss=")
    try await train.prints("Minibatch loss=", times: lines + 1)
    try await expectStopped(train, endpoint)
  }

  @Test func theLimitOfRestartsIsReportedAndEndsTheRun() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train("--workers 2 --restarts 1", in: folder)
    while train.isRunning {
      for worker in workers(of: endpoint) { kill(worker, SIGKILL) }
      try await Task.sleep(for: .milliseconds(20))
    }
    let end = try await train.end()
    #expect(end.status == 75, "\(end.errors)")
    for name in ["worker-1", "worker-2"] {
      #expect(end.errors.contains("process is not restarted  process.name=\(name)"))
      #expect(end.errors.contains("process.name=\(name)  process.restarts=1/1"))
    }
    #expect(end.hasErrorLine("tributary: all workers exited"))
    #expect(folder.exists("run/model.safetensors"))
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func aKilledServerIsRestartedAtTheSameEndpointWithTheSameWorkers() async throws {
    let (train, endpoint) = try await train(in: Training.folder())
    let former = workers(of: endpoint)
    kill(try #require(server(of: endpoint)), SIGKILL)
    try await train.prints("process ended  process.name=server  process.signal=9")
    try await train.prints("server.endpoint=\(endpoint)", times: 2)
    let lines = train.count(of: "Minibatch loss=")
    try await train.prints("Minibatch loss=", times: lines + 1)
    #expect(Set(workers(of: endpoint)) == Set(former))
    try await expectStopped(train, endpoint)
  }

  @Test func aServerThatPickedAPortIsRestartedOnIt() async throws {
    let (train, endpoint) = try await train(
      "--listen tcp://127.0.0.1:0 --insecure", in: Training.folder())
    #expect(endpoint.hasPrefix("tcp://127.0.0.1:") && !endpoint.hasSuffix(":0"))
    let process = processes(mentioning: "server\0--listen=tcp://127.0.0.1:0").first { process in
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"))
        == (try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(train.identifier)/cwd"))
    }
    kill(try #require(process), SIGKILL)
    try await train.prints("server.endpoint=\(endpoint)", times: 2)
    #expect(server(of: endpoint) != nil)
    try await expectStopped(train, endpoint)
  }

  @Test func withoutRestartsAKilledServerEndsTheRun() async throws {
    let (train, endpoint) = try await train("--restarts 0", in: Training.folder())
    kill(try #require(server(of: endpoint)), SIGKILL)
    let end = try await train.end()
    #expect(end.status == 75, "\(end.errors)")
    #expect(
      end.hasErrorLine(
        "tributary: the server was killed by signal 9 and is not restarted; "
          + "--resume run continues from the last checkpoint"),
      "\(end.errors)")
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func aServerThatCannotStartIsNotRestarted() async throws {
    let folder = try Training.folder()
    try folder.write([], "run/settings.json/in-the-way")
    let end = try await run("train --data shapes --run run", in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(end.errorLines.count == 1, "\(end.errors)")
  }

  @Test func anOldEndpointInTheFolderIsNotUsed() async throws {
    let folder = try Training.folder()
    try folder.write(Array("ipc://\(folder.file("old"))\n".utf8), "run/endpoint")
    let end = try await run("train \(Training.options) --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(!(try folder.text("run/endpoint").contains("old")))
  }

  // MARK: Exit

  @Test func signalsThatArriveTogetherAreOneRequestAndLeaveACheckpoint() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train(in: folder)
    train.send(SIGSTOP)  // so that both signals are pending when it continues
    for signal in [SIGTERM, SIGINT] { train.send(signal) }
    for process in workers(of: endpoint) { kill(process, SIGTERM) }
    if let process = server(of: endpoint) { kill(process, SIGTERM) }
    train.send(SIGCONT)
    let end = try await train.end()
    #expect([128 + SIGTERM, 128 + SIGINT].contains(end.status), "\(end.errors)")
    let report = try folder.json("run/report.json")
    #expect(report["outcome"] as? String == "stopped")
    let steps = try #require(report["steps"] as? Int)
    #expect(steps > 0 && folder.exists("run/checkpoints/step-\(steps).safetensors"))
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func aSecondSignalKillsAServerThatDoesNotReact() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train("--grace 80000", in: folder)
    kill(try #require(server(of: endpoint)), SIGSTOP)
    while train.isRunning {
      train.send(SIGINT)
      try await Task.sleep(for: .milliseconds(300))
    }
    let end = try await train.end()
    #expect(end.status == 130, "\(end.errors)")
    #expect(
      end.hasErrorLine(
        "tributary: the server was killed 2.0 seconds after a second SIGINT; "
          + "--resume run continues from the last checkpoint"),
      "\(end.errors)")
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func oneSignalEndsATrainingWhoseServerDoesNotReact() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train("--grace 0.5", in: folder)
    for process in processes(mentioning: endpoint) where process != train.identifier {
      kill(process, SIGSTOP)
    }
    train.send(SIGTERM)
    let end = try await train.end()
    #expect(end.status == 143, "\(end.errors)")
    #expect(
      end.hasErrorLine(
        "tributary: the server did not stop within 0.5 seconds of SIGTERM and "
          + "was killed; --resume run continues from the last checkpoint"),
      "\(end.errors)")
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func aSignalWhileNoServerRunsEndsTheRun() async throws {
    let (train, endpoint) = try await train(in: Training.folder())
    for restart in 1...3 {  // until the pause is long enough to act in it
      let process = try await eventually("a server") { server(of: endpoint) }
      kill(process, SIGKILL)
      try await train.prints("process.name=server  process.restarts=\(restart)/3")
    }
    try await expectStopped(train, endpoint)
    #expect(train.errors.contains("tributary: stopped by SIGTERM while no server was running"))
  }

  @Test func stoppedChildrenEndAfterTheirLauncherIsKilled() async throws {
    let folder = try Training.folder()
    let (train, endpoint) = try await train(
      "--chaos stop:worker:1@10+600s,stop:server@20+600s", in: folder)
    try await train.prints("chaos  event=stop:server@20+600s")
    let all = processes(mentioning: endpoint)
    #expect(all.count == 3)
    train.send(SIGKILL)
    try await waitForExit(ofProcessesOf: endpoint)
    #expect(try folder.json("run/report.json")["outcome"] as? String == "stopped")
  }

  @Test func aSignalReachesAServerThatChaosHasStopped() async throws {
    // The server may be stopped before it has printed the first step.
    let (train, endpoint) = try await train(
      "--chaos stop:server@10+600s", in: Training.folder(),
      until: "chaos  event=stop:server@10+600s")
    try await expectStopped(train, endpoint)
    #expect(train.errors.contains("tributary: stopped by SIGTERM after "))
  }

  @Test func ignoredHangUpsStayIgnored() async throws {
    let folder = try Training.folder()
    let train = try Program(
      "train \(Training.endless) --run run --verbose", in: folder, nohup: true)
    try await train.prints("Minibatch loss=")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    train.send(SIGHUP)
    for process in processes(mentioning: endpoint) { kill(process, SIGHUP) }
    let lines = train.count(of: "Minibatch loss=")
    try await train.prints("Minibatch loss=", times: lines + 2)
    #expect(processes(mentioning: endpoint).count == 3)
    try await expectStopped(train, endpoint)
  }

  // MARK: Chaos

  @Test func chaosEventsAreTriggeredAndChangeNoBit() async throws {
    let folder = try Training.folder()
    let events = [
      "kill:worker:2@50", "restart:server@300", "stop:worker:1@200+1s", "term:worker:1@90",
      "kill:worker:2@590",
    ]
    let end = try await run(
      "train \(Training.options) --run run --restarts 1 --checkpoint-every 40 --chaos "
        + events.joined(separator: ","), in: folder)
    #expect(end.status == 0, "\(end.errors)")
    for event in events {
      let times = end.errors.components(separatedBy: "chaos  event=\(event)  step=").count - 1
      #expect(times == 1, "\(event): \(end.errors)")
    }
    #expect(end.errors.contains("process ended  process.name=worker-2  process.signal=9"))
    #expect(end.errors.contains("process ended  process.name=worker-1  process.status=143"))
    #expect(end.errors.contains("process ended  process.name=server  process.signal=9"))
    #expect(end.errors.contains("run resumes  run=run"))
    #expect(!end.errors.contains("process is not restarted"))
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    #expect(processes(mentioning: endpoint).isEmpty)
  }

  @Test func repeatedKillsOfTheServerChangeNoBit() async throws {
    let folder = try Training.folder()
    let kills = [70, 150, 290, 410].map { "restart:server@\($0)" }
    let end = try await run(
      "train \(Training.options) --run run --checkpoint-every 30 --chaos "
        + kills.joined(separator: ","), in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let lives = end.errorLines.filter { $0.hasPrefix("run resumes") }
    #expect(lives.count == kills.count, "\(end.errors)")
    #expect(lives.last?.hasSuffix("step=0") == false, "a later checkpoint is used")
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
    let steps = try folder.jsonLines("run/metrics.jsonl").filter { $0["kind"] as? String == "step" }
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...600))
    let report = try folder.json("run/report.json")
    #expect(report["ledger_balanced"] as? Bool == true)
    #expect(report["samples_applied"] as? Int == 600 * 20)
  }

  @Test func anEventThatIsNotTriggeredIsReported() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 3 --run run --chaos kill:server@4",
      in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.hasErrorLine("warning: chaos event never triggered  event=kill:server@4"))
  }
}
