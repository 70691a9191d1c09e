import Coordination
import Foundation
import Learning
import Telemetry
import TestSupport
import Testing
import Wire

#if canImport(FoundationXML)
  import FoundationXML
#endif

private func plotRun(_ arguments: String...) throws -> Command.Outcome {
  try Command(Repository.path("scripts/measure/plot-run"), arguments).run()
}

/// The script that draws a run's curves, on files that this program wrote.
@Suite(.enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct PlotRunTests {
  let folder: RunFiles

  init() throws { folder = try RunFiles() }

  private func write(
    steps: ClosedRange<UInt64>, resumed: UInt64 = 0, date: Double = 1_700_000_000
  ) throws {
    let log = try TensorBoardLog(
      folder: folder.path, settings: TrainingSettings(recipe: .v1, mode: .sync, seed: 7),
      facts: [("dataset", "digits <&>")], resumed: resumed, start: .seconds(0),
      date: Date(timeIntervalSince1970: date))
    for step in steps {
      let loss = 500 / Double(step + 1)
      log.note(
        .stepped(.sample(step, loss: loss)), progress: RunProgress(), at: .seconds(Double(step)))
      guard step.isMultiple(of: 10) else { continue }
      log.note(
        .evaluated(
          step: step, [.sample(.validation, correct: step == steps.upperBound ? 990 : 900)]),
        progress: RunProgress(),
        at: .seconds(Double(step)))
    }
    try log.flush()
  }

  /// The numbers of points in the curves of the picture, in its order: accuracy, then loss, each
  /// train and validation.
  private func draw() throws -> (picture: String, points: [Int]) {
    let out = folder.path + "/curves.svg"
    let result = try plotRun(folder.path, out)
    #expect(result.status == 0, "\(result.errors)")
    let picture = try String(contentsOfFile: out, encoding: .utf8)
    let points = picture.matches(of: /<polyline class="\w+" [^>]*points="([^"]*)"/).map {
      $0.output.1.split(separator: " ").count
    }
    return (picture, points)
  }

  @Test func everyPointIsInThePicture() throws {
    try write(steps: 1...250)
    let (picture, points) = try draw()
    #expect(points == [250, 25, 250, 25])
    #expect(picture.contains("digits &lt;&amp;&gt;: recipe v1, batch size 50, seed 7</text>"))
    #expect(picture.contains("validation, 0.9900 at the end"))
    #expect(XMLParser(data: Data(picture.utf8)).parse())
  }

  /// Steps 1 and 2, with losses of 2.5 and 1.667, in a panel of 370 x 250 that begins at 506, 76:
  /// the loss axis reaches from 0 to 2.5.
  @Test func pointsHaveTheirCoordinates() throws {
    try write(steps: 1...2)
    let (picture, _) = try draw()
    #expect(picture.contains(#"points="691.0,76.0 876.0,159.3"/>"#))
  }

  @Test func longCurvesAreThinnedExceptForTheLastValue() throws {
    try write(steps: 1...3000)
    let (picture, points) = try draw()
    #expect(points == [300, 300, 300, 300])
    #expect(picture.contains("validation, 0.9900 at the end"))
  }

  @Test func aResumedRunHasEveryStepOnce() throws {
    try write(steps: 1...90)
    try write(steps: 51...100, resumed: 50, date: 1_700_000_100)
    #expect(try draw().points == [100, 10, 100, 10])
  }

  @Test func anIncompleteEndLosesTheLastPointsOnly() throws {
    try write(steps: 1...100)
    try change("validation") { $0.removeLast(3) }
    #expect(try draw().points == [100, 9, 100, 9])
  }

  @Test func aBrokenFileIsNamed() throws {
    try write(steps: 1...100)
    try change("validation") { $0[$0.count / 2] ^= 1 }
    let result = try plotRun(folder.path, folder.path + "/curves.svg")
    #expect(result.status == 65)
    #expect(result.errors.contains("validation/events.out.tfevents"))
    #expect(result.errors.contains("checksum"))
  }

  @Test func missingFilesAreNamed() throws {
    #expect(try plotRun(folder.path, folder.path + "/curves.svg").status == 65)
    #expect(try plotRun(folder.path).status == 64)
    #expect(try plotRun(folder.path, "curves.png").status == 64)
    try write(steps: 1...10)
    #expect(try plotRun(folder.path, "/no/such/folder/curves.svg").status == 74)
  }

  private func change(_ part: String, _ edit: (inout [UInt8]) -> Void) throws {
    let path = try "\(folder.path)/\(part)/\(folder.names(part)[0])"
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    edit(&bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}
