import Foundation
import TestSupport
import Testing

@Suite(.limit(minutes: 2))
struct LargeModelTests {
  @Test func aModelOfMoreThanSixteenMillionParametersIsTrained() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 2048 --batch-size 2 --steps 1 --slices 1 --workers 1"
        + " --kernel-initializer zeros --final-evaluation none --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.json("run/report.json")["steps"] as? Int == 1)
  }
}
