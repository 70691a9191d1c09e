import Foundation
import TestSupport
import Testing

/// The event files of a run; TelemetryTests check the events.
@Suite(.serialized, .limit(minutes: 2))
struct CurvesTests {
  /// Returns the number of events in the one event file of a folder; nil if the last is incomplete.
  private func events(_ name: String, in folder: TemporaryFolder) throws -> Int? {
    let files = try folder.names(name)
    #expect(files.count == 1 && files[0].hasPrefix("events.out.tfevents."), "\(files)")
    let bytes = [UInt8](try folder.read("\(name)/\(files[0])"))
    var (place, count) = (0, 0)
    while place + 16 <= bytes.count {
      let length = Int(bytes[place..<place + 8].littleEndian)
      place += 16 + length
      count += 1
    }
    return place == bytes.count ? count : nil
  }

  /// The first events contain the version of the file and the settings.
  @Test(arguments: ["sync", "async"])
  func everyTenthStepAndTheLastHaveAValidationPoint(mode: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      """
      train --data shapes --units 4 --batch-size 8 --steps 35 --evaluate-every 10 --workers 2 \
      --mode \(mode) --run run
      """, in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try events("run/validation", in: folder) == 1 + 4)
    #expect(try events("run/train", in: folder) == 2 + 35)
  }

  @Test func aKilledRunLeavesWholeEvents() async throws {
    let folder = try Training.folder()
    let train = try Program("train \(Training.endless) --run run", in: folder)
    try await train.prints("worker.count=2")
    _ = try await eventually("points of both curves") {
      let counts = (try events("run/train", in: folder), try events("run/validation", in: folder))
      return counts.0 ?? 0 > 2 && counts.1 ?? 0 > 1 ? true : nil
    }
    train.send(SIGKILL)
    #expect(try await train.end().status == 128 + SIGKILL)
    #expect(try events("run/train", in: folder) ?? 0 > 2)
    #expect(try events("run/validation", in: folder) ?? 0 > 1)
  }
}
