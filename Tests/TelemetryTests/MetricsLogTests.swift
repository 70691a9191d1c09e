import Coordination
import Foundation
import TestSupport
import Testing
import Wire

@testable import Telemetry

@Suite struct MetricsLogTests {
  @Test func anUpdateIsOneObject() throws {
    let report = Report.stepped(.sample(7, epoch: 2, staleness: 3))
    let lines = MetricsLog.lines(report, seconds: 1.25)
    let found = try JSON.object(#require(lines.first))
    #expect(lines.count == 1)
    #expect(found["kind"] as? String == "step")
    #expect(found["step"] as? Int == 7)
    #expect(found["epoch"] as? Int == 2)
    #expect(found["loss"] as? Double == 185.0881 / 100)
    #expect(found["accuracy"] as? Double == 0.43)
    #expect(found["gradient_norm"] as? Double == 2.5)
    #expect(found["staleness"] as? Int == 3)
    #expect(found["workers"] as? Int == 2)
    #expect(found["seconds"] as? Double == 1.25)
    #expect(found.count == 9)
  }

  @Test func everySplitOfAnEvaluationIsOneObject() throws {
    let report = Report.evaluated(step: 9, [.sample(.validation), .sample(.test, correct: 1)])
    let objects = try MetricsLog.lines(report, seconds: 0).map { try JSON.object($0) }
    #expect(objects.map { $0["split"] as? String } == ["validation", "test"])
    #expect(objects.allSatisfy { $0["kind"] as? String == "evaluation" })
    #expect(objects.allSatisfy { $0["step"] as? Int == 9 && $0["samples"] as? Int == 1000 })
    #expect(objects.map { $0["accuracy"] as? Double } == [0.9, 0.001])
    #expect(objects.allSatisfy { $0["loss"] as? Double == 0.25 })
  }

  @Test func aWrongResultIsOneObject() throws {
    let lines = MetricsLog.lines(.sampleDifference(name: "a \"b\"\n\\"), seconds: 2)
    let found = try JSON.object(#require(lines.first))
    #expect(lines.count == 1 && found.count == 5)
    #expect(found["kind"] as? String == "audit" && found["step"] as? Int == 30)
    #expect(found["worker"] as? String == "a \"b\"\n\\" && found["lease"] as? Int == 77)
    #expect(found["seconds"] as? Double == 2)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func numbersThatAreNotFiniteAreNull(value: Double) throws {
    let report = Report.stepped(.sample(1, loss: value, norm: Float(value)))
    let found = try JSON.object(#require(MetricsLog.lines(report, seconds: 0).first))
    #expect(found["loss"] is NSNull)
    #expect(found["gradient_norm"] is NSNull)
  }

  @Test(arguments: [1e-300, 1e300, .leastNonzeroMagnitude, 0.1, -0.0, 123_456_789.123])
  func everyFiniteNumberReadsBack(value: Double) throws {
    let report = Report.stepped(.sample(1, loss: value, count: 1))
    let found = try JSON.object(#require(MetricsLog.lines(report, seconds: 0).first))
    #expect(found["loss"] as? Double == value)
  }

  @Test func otherReportsHaveNoLines() {
    for report in [
      Report.joined(name: "a", workers: 1), .left(name: "a", reason: "b", workers: 0),
      .refused(.dataset, name: "a", reason: "b"), .rejected(name: "a", verdict: .stale),
      .ignored(peer: PeerID([1]), reason: "b"), .evaluated(step: 1, []),
      .evaluating(EvaluationProgress(split: .test, done: 1, total: 2)),
    ] {
      #expect(MetricsLog.lines(report, seconds: 0).isEmpty)
    }
  }

  @Test func theFileHasWholeLinesAboutOnceASecond() throws {
    try withTemporaryFile { path in
      try Data("of an earlier run".utf8).write(to: URL(fileURLWithPath: path))
      let log = try MetricsLog(path: path, start: .seconds(10))
      #expect(try content(path) == [])
      log.note(.stepped(.sample(1)), at: .seconds(10.5))
      try log.flushIfDue(at: .seconds(10.5))
      #expect(try content(path) == [])
      log.note(.stepped(.sample(2)), at: .seconds(11))
      try log.flushIfDue(at: .seconds(11))
      #expect(try content(path).count == 2)
      log.note(.stepped(.sample(3)), at: .seconds(11.5))
      try log.flushIfDue(at: .seconds(11.5))
      #expect(try content(path).count == 2)
      try log.flush()
      let steps = try content(path).map { try JSON.object($0)["step"] as? Int }
      #expect(steps == [1, 2, 3])
      #expect(try JSON.object(content(path)[0])["seconds"] as? Double == 0.5)
    }
  }

  @Test func aResumedLogContinuesTheFileAndItsTime() throws {
    try withTemporaryFile { path in
      let log = try MetricsLog(path: path, start: .seconds(0))
      log.note(.stepped(.sample(1)), at: .seconds(0.5))
      try log.flush()
      let next = try MetricsLog(resuming: path, start: .seconds(70), elapsed: 0.5)
      next.note(.stepped(.sample(2)), at: .seconds(70.25))
      try next.flush()
      let objects = try content(path).map { try JSON.object($0) }
      #expect(objects.map { $0["step"] as? Int } == [1, 2])
      #expect(objects.map { $0["seconds"] as? Double } == [0.5, 0.75])
    }
  }

  @Test func aFileThatCannotBeCreatedIsAnError() {
    #expect(throws: (any Error).self) {
      try MetricsLog(path: "/no/such/folder/metrics.jsonl", start: .seconds(0))
    }
    #expect(throws: (any Error).self) {
      try MetricsLog(resuming: "/no/such/file", start: .seconds(0), elapsed: 1)
    }
  }

  /// `/dev/full` is a device of Linux that is always full.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func linesThatCannotBeWrittenStayBuffered() throws {
    let log = try MetricsLog(path: "/dev/full", start: .seconds(0))
    try log.flush()
    log.note(.stepped(.sample(1)), at: .seconds(0.5))
    #expect(throws: (any Error).self) { try log.flush() }
    #expect(throws: (any Error).self) { try log.flush() }
  }

  private func content(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.isEmpty || text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  private func withTemporaryFile(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    try body(folder.file("metrics.jsonl"))
  }
}
