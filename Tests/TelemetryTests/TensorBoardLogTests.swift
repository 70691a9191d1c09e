import Coordination
import Foundation
import Learning
import TestSupport
import Testing
import Wire

@testable import Telemetry

@Suite struct TensorBoardLogTests {
  let folder: RunFiles

  init() throws { folder = try RunFiles() }

  private func log(resumed: UInt64 = 0, date: Double = 1_700_000_000) throws -> TensorBoardLog {
    try TensorBoardLog(
      folder: folder.path,
      settings: TrainingSettings(recipe: .v1, mode: .async, seed: 10), facts: [("dataset", "D")],
      resumed: resumed, start: .seconds(100), date: Date(timeIntervalSince1970: date))
  }

  /// Steps of a run that evaluates the validation set every ten steps.
  private func write(_ steps: ClosedRange<UInt64>, to log: TensorBoardLog) throws {
    var progress = RunProgress()
    for step in steps {
      let now = Moment.seconds(100 + Double(step) / 100)
      let report = Report.stepped(.sample(step, staleness: step % 3))
      progress.note(report, at: now)
      log.note(report, progress: progress, at: now)
      if step.isMultiple(of: 10) {
        let results = [SplitEvaluation.sample(.train), .sample(.validation, correct: 900 + step)]
        log.note(.evaluated(step: step, results), progress: progress, at: now)
      }
    }
    try log.flush()
  }

  @Test func bothFoldersHaveLossAndAccuracyOfEveryPoint() throws {
    try write(1...35, to: log())
    for tag in ["loss", "accuracy"] {
      #expect(try folder.points("train", tag).map(\.step) == Array(1...35))
      #expect(try folder.points("validation", tag).map(\.step) == [10, 20, 30])
    }
    #expect(try folder.points("train", "loss").allSatisfy { $0.value == 1.850881 })
    #expect(try folder.points("train", "accuracy").allSatisfy { $0.value == 0.43 })
    #expect(try folder.points("validation", "loss").allSatisfy { $0.value == 0.25 })
    #expect(try folder.points("validation", "accuracy").map(\.value) == [0.91, 0.92, 0.93])
  }

  @Test func trainHasTheOtherCurvesToo() throws {
    try write(1...4, to: log())
    #expect(
      try folder.points("train", "learning_rate").map(\.value) == [0.001, 0.001, 0.001, 0.001])
    #expect(try folder.points("train", "gradient_norm").map(\.value) == [2.5, 2.5, 2.5, 2.5])
    #expect(try folder.points("train", "staleness").map(\.value) == [1, 2, 0, 1])
    let speeds = try folder.points("train", "samples_per_second")
    #expect(speeds.map(\.step) == [2, 3, 4])  // there is none before the second update
    #expect(speeds.allSatisfy { abs($0.value - 10_000) < 1 })
    #expect(try folder.points("validation").isEmpty)
  }

  @Test func timesFollowTheMonotonicClockFromOneDate() throws {
    try write(10...10, to: log(date: 1_700_000_000.5))
    #expect(try folder.points("train", "loss").map(\.time) == [1_700_000_000.6])
    #expect(try folder.points("validation", "loss").map(\.time) == [1_700_000_000.6])
  }

  @Test func settingsAreWrittenAtTheStart() throws {
    let log = try log()
    let bytes = try #require(folder.contents("train").first)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("| setting | value |\n|---|---|\n| recipe | v1 |"))
    #expect(text.contains("| mode | async |\n| seed | 10 |\n| dataset | D |"))
    #expect(try folder.contents("validation").allSatisfy { readRecords($0)?.count == 1 })
    withExtendedLifetime(log) {}
  }

  @Test func fileNamesAreThoseThatTensorBoardReads() throws {
    try write(1...1, to: log())
    let host = ProcessInfo.processInfo.hostName
    for name in try folder.names("train") + folder.names("validation") {
      #expect(name.hasPrefix("events.out.tfevents.1700000000.\(host)."))
    }
  }

  @Test func filesAreWrittenAboutOnceASecondInWholeRecords() throws {
    let log = try log()
    func points() throws -> Int { try folder.points("train", "loss").count }
    log.note(.stepped(.sample(1)), progress: RunProgress(), at: .seconds(100.5))
    try log.flushIfDue(at: .seconds(100.9))
    #expect(try points() == 0)
    try log.flushIfDue(at: .seconds(101))
    #expect(try points() == 1)
    log.note(.stepped(.sample(2)), progress: RunProgress(), at: .seconds(101.5))
    try log.flushIfDue(at: .seconds(101.9))
    #expect(try points() == 1)
    try log.flush()
    #expect(try points() == 2)
  }

  @Test func aNewRunRemovesTheOldFiles() throws {
    try write(1...30, to: log())
    try folder.write("notes", to: "train/notes.txt")
    try write(1...10, to: log(date: 1_700_000_100))
    #expect(try folder.points("train", "loss").count == 10)
    #expect(try folder.points("validation", "loss").count == 1)
    #expect(try folder.names("train").contains("notes.txt"))
  }

  @Test func aResumedRunKeepsTheOldFiles() throws {
    try write(1...30, to: log())
    try write(21...40, to: log(resumed: 20, date: 1_700_000_100))
    #expect(try folder.points("train", "loss").map(\.step) == Array(1...30) + Array(21...40))
  }

  @Test func aFolderThatCannotBeCreatedIsAnError() {
    #expect(throws: (any Error).self) {
      try TensorBoardLog(
        folder: "/dev/null/run", settings: TrainingSettings(recipe: .v1, mode: .sync, seed: 1),
        start: .seconds(0))
    }
  }

  @Test func otherReportsAddNoPoints() throws {
    let log = try log()
    for report in [
      Report.joined(name: "a", workers: 1), .left(name: "a", reason: "b", workers: 0),
      .refused(.dataset, name: "a", reason: "b"), .rejected(name: "a", verdict: .stale),
      .ignored(peer: PeerID([1]), reason: "b"), .evaluated(step: 1, [.sample(.test)]),
    ] {
      log.note(report, progress: RunProgress(), at: .seconds(101))
    }
    try log.flush()
    #expect(try folder.points("train").isEmpty && folder.points("validation").isEmpty)
  }
}
