import Foundation
import TestSupport
import Testing

/// SIGTSTP suspends a whole training, and SIGCONT continues it.
@Suite(.serialized, .limit(minutes: 3))
struct SuspensionTests {
  /// The state of a process as one letter, such as T for a stopped one; nil if it has ended.
  private func state(_ process: Int32) -> Character? {
    let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") ?? Data()
    return String(decoding: data, as: UTF8.self).split(separator: ")").last?.first { $0 != " " }
  }

  /// Waits until exactly these of `processes` are stopped.
  private func expectStopped(_ stopped: Set<Int32>, of processes: [Int32]) async throws {
    _ = try await eventually("stops of \(stopped)") {
      Set(processes.filter { state($0) == "T" }) == stopped ? true : nil
    }
  }

  /// The processes of a training: the launcher, the server and two workers.
  private func all(_ train: Program, _ folder: TemporaryFolder) throws -> [Int32] {
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    let children = processes(mentioning: "--connect\0\(endpoint)\0") + [server(of: endpoint)]
    return [train.identifier] + children.compactMap { $0 }
  }

  /// The suspension is longer than the time after which a silent worker is evicted.
  @Test func aLongSuspensionEvictsNoWorker() async throws {
    let folder = try Training.folder()
    let train = try Program(
      "train \(Training.endless) --run run --verbose --min-workers 2", in: folder)
    try await train.prints("Minibatch loss=")
    let all = try all(train, folder)
    #expect(all.count == 4)
    train.send(SIGTSTP)
    try await expectStopped(Set(all), of: all)
    let lines = train.errors
    try await Task.sleep(for: .seconds(7))
    #expect(train.errors == lines, "a suspended training prints nothing")
    train.send(SIGCONT)
    try await train.prints("Minibatch loss=", times: train.count(of: "Minibatch loss=") + 2)
    train.send(SIGTERM)
    let end = try await train.end()
    #expect(end.status == 143, "\(end.errors.suffix(2000))")
    let joins = end.errors.components(separatedBy: "worker joined").count - 1
    #expect(joins == 2, "no worker has left and joined again: \(end.errors.suffix(2000))")
  }

  @Test func aStopOfFaultInjectionOutlastsASuspension() async throws {
    let folder = try Training.folder()
    let train = try Program(
      "train \(Training.endless) --run run --verbose --min-workers 2"
        + " --chaos stop:worker:1@10+600s", in: folder)
    try await train.prints("chaos  event=stop:worker:1@10+600s")
    let all = try all(train, folder)
    let held = try #require(
      all.first { process in
        let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: data, as: UTF8.self).contains("--name\0worker-1\0")
      })
    for _ in 0..<3 {
      train.send(SIGTSTP)
      try await expectStopped(Set(all), of: all)
      train.send(SIGCONT)
      try await expectStopped([held], of: all)
    }
    train.send(SIGTERM)
    #expect(try await train.end().status == 143)
    for process in all { #expect(state(process).map { $0 == "Z" } ?? true) }
  }

  @Test func aSuspendedTrainingThatIsTerminatedStopsInOrderWhenContinued() async throws {
    let folder = try Training.folder()
    let train = try Program(
      "train \(Training.endless) --run run --verbose --min-workers 2", in: folder)
    try await train.prints("Minibatch loss=")
    let all = try all(train, folder)
    train.send(SIGTSTP)
    try await expectStopped(Set(all), of: all)
    train.send(SIGTERM)
    train.send(SIGCONT)
    #expect(try await train.end().status == 143)
    #expect(try folder.json("run/report.json")["outcome"] as? String == "stopped")
  }

  @Test func aSuspendedTrainingWhoseLauncherIsKilledEndsInOrder() async throws {
    let folder = try Training.folder()
    let train = try Program(
      "train \(Training.endless) --run run --verbose --min-workers 2", in: folder)
    try await train.prints("Minibatch loss=")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    let all = try all(train, folder)
    train.send(SIGTSTP)
    try await expectStopped(Set(all), of: all)
    train.send(SIGKILL)
    try await waitForExit(ofProcessesOf: endpoint)
    #expect(try folder.json("run/report.json")["outcome"] as? String == "stopped")
  }
}
