import Coordination
import Learning
import Processes
import Storage
import Telemetry
import Wire

extension FuzzTarget {
  /// The file of a run's settings, with lies or of any content: the source of the data that it
  /// records.
  static let settingsFile = FuzzTarget(
    "settings-file", "settings.json of a run", examples: [[1] + Array("{\"data\":\"d\"}".utf8)]
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    guard source.byte() & 1 == 0 else {
      _ = RunFolder.recordedData(in: source.rest())
      return
    }
    let texts = ["data": OddText.text(&source), "mode": OddText.text(&source)]
    var json = JSONValue.texts(texts)
    let data = RunFolder.recordedData(in: Array(json.rendered.utf8))
    try require(data == texts["data"], "the source of the data is read as \(data ?? "none")")
    json.lie(&source)
    _ = RunFolder.recordedData(in: Array(json.rendered.utf8))
  }

  /// The file of a run's metrics, with lies or of any content: the history of a resumed run has no
  /// more lines than the file, and is the same when it is read again.
  static let metrics = FuzzTarget("metrics", "metrics.jsonl of a run") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let run = TinyRun(&source)
    var content: [UInt8] = []
    let state = resumed(run, at: 1 + UInt64(source.below(4)), &source)
    for _ in 0..<source.below(5) { content += Array(line(&source).utf8) + [10] }
    content += source.rest()
    let steps: UInt64 = source.pick([5, 1_000_000 << 32])
    let first = MetricsHistory(content, upTo: state, steps: steps)
    let lines = content.reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
    try require(
      first.text.utf8.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } <= lines, "lines were added")
    try require(first.seconds.isFinite && first.seconds >= 0, "\(first.seconds) seconds")
    let again = MetricsHistory(Array(first.text.utf8), upTo: state, steps: steps)
    try require(
      again.text == first.text && again.seconds == first.seconds, "the history changes")
  }

  /// Returns the state of a run after some updates.
  private static func resumed(
    _ run: TinyRun, at step: UInt64, _ source: inout ByteSource
  ) -> ServerState {
    let old = run.initialState.optimizer
    return ServerState(
      settings: run.settings, dataset: run.dataset.fingerprint,
      optimizer: Optimizer(
        shape: run.shape, weights: old.weights, firstMoment: old.firstMoment,
        secondMoment: old.secondMoment, step: step),
      applied: AppliedBatches(prefix: step, beyond: []), audit: Audit(),
      isEvaluated: source.byte() & 1 == 1)
  }

  /// Returns a line for an update or an evaluation, with up to two lies.
  private static func line(_ source: inout ByteSource) -> String {
    let number = source.below(6)
    let step: [(name: String, value: JSONValue)] = [
      ("kind", .text("step")), ("step", .number(number)), ("seconds", .literal("1.5")),
      ("epoch", .number(0)), ("loss", .literal("0.25")), ("accuracy", .literal("0.5")),
      ("gradient_norm", .literal("1")), ("staleness", .number(0)), ("workers", .number(2)),
    ]
    let evaluation: [(name: String, value: JSONValue)] = [
      ("kind", .text("evaluation")), ("step", .number(number)), ("seconds", .number(2)),
      ("split", .text("validation")), ("samples", .number(3)), ("loss", .number(1)),
      ("accuracy", .literal("null")),
    ]
    var json = JSONValue.object(source.byte() & 1 == 1 ? step : evaluation)
    for _ in 0..<source.below(3) { json.lie(&source) }
    return json.rendered
  }
}
