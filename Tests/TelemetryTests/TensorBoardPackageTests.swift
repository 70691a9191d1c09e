import Coordination
import Foundation
import Learning
import Telemetry
import TestSupport
import Testing
import Wire

/// Runs a Python program and returns its output; nil if it failed.
private func python(_ program: String, _ arguments: String...) -> String? {
  Command.python(["-c", program] + arguments).output()
}

private let hasPackage =
  python("import tensorboard.backend.event_processing.event_accumulator") != nil

/// Prints what TensorBoard's reader finds in a folder: one line for each tag, with its steps and
/// its last value, and the texts.
private let reader = """
  import sys
  from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
  found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "tensors": 0}).Reload()
  for tag in sorted(found.Tags()["scalars"]):
      points = found.Scalars(tag)
      print(tag, len(points), points[0].step, points[-1].step, "%.6g" % points[-1].value)
  for tag in found.Tags()["tensors"]:
      plugin = found.SummaryMetadata(tag).plugin_data.plugin_name
      for event in found.Tensors(tag):
          print(tag, plugin, event.step, event.tensor_proto.string_val[0].decode().split("\\n")[:3])
  """

/// The content of our files as read by the Python package tensorboard.
@Suite(.enabled(if: hasPackage, "install the Python package tensorboard"))
struct TensorBoardPackageTests {
  let folder: RunFiles

  init() throws { folder = try RunFiles() }

  private func write(
    _ steps: ClosedRange<UInt64>, resumed: UInt64 = 0, date: Double = 1_700_000_000
  ) throws {
    let log = try TensorBoardLog(
      folder: folder.path, settings: TrainingSettings(recipe: .v1, mode: .sync, seed: 10),
      resumed: resumed, start: .seconds(0), date: Date(timeIntervalSince1970: date))
    var progress = RunProgress()
    for step in steps {
      let now = Moment.seconds(Double(step))
      progress.note(.stepped(.sample(step)), at: now)
      log.note(.stepped(.sample(step)), progress: progress, at: now)
      if step.isMultiple(of: 10) {
        log.note(.evaluated(step: step, [.sample(.validation)]), progress: progress, at: now)
      }
    }
    try log.flush()
  }

  @Test func tensorboardFindsEveryPointAndTheSettings() throws {
    try write(1...1100)
    #expect(
      python(reader, folder.path + "/train") == """
        accuracy 1100 1 1100 0.43
        gradient_norm 1100 1 1100 2.5
        learning_rate 1100 1 1100 0.001
        loss 1100 1 1100 1.85088
        samples_per_second 1099 2 1100 100
        staleness 1100 1 1100 0
        settings text 0 ['| setting | value |', '|---|---|', '| recipe | v1 |']

        """)
    #expect(
      python(reader, folder.path + "/validation") == """
        accuracy 110 10 1100 0.9
        loss 110 10 1100 0.25

        """)
  }

  @Test func anIncompleteEndLosesTheLastPointsOnly() throws {
    try write(1...50)
    let name = try folder.names("validation")[0]
    let file = try FileHandle(
      forUpdating: URL(fileURLWithPath: "\(folder.path)/validation/\(name)"))
    try file.truncate(atOffset: file.seekToEnd() - 7)
    try file.close()
    #expect(
      python(reader, folder.path + "/validation") == """
        accuracy 4 10 40 0.9
        loss 4 10 40 0.25

        """)
  }

  @Test func aResumedRunHasEveryStepOnce() throws {
    try write(1...30)
    try write(21...40, resumed: 20, date: 1_700_000_100)
    let lines = try #require(python(reader, folder.path + "/train")).split(separator: "\n")
    #expect(lines.contains("loss 40 1 40 1.85088"))
    #expect(
      python(reader, folder.path + "/validation") == """
        accuracy 4 10 40 0.9
        loss 4 10 40 0.25

        """)
  }
}
