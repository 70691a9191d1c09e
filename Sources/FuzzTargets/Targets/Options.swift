import Learning
import Processes

extension FuzzTarget {
  /// Values of options that have a structure of their own, of any content: those with a text form
  /// have one from which the same value is read.
  static let options = FuzzTarget(
    "options", "texts of options and of the launcher",
    examples: optionExamples.map { Array($0.utf8) }
  ) { bytes throws(Finding) in
    let text = String(decoding: bytes, as: UTF8.self)
    try readChaos(text)
    if let point = CrashPoint(text) { try require(point.visit > 0, "visit \(point.visit)") }
    if let clip = Clip(text) { try require(Clip(clip.description) == clip, "\(clip)") }
    if let length = TrainingLength(text) {
      try require(TrainingLength(length.description) == length, "\(length)")
    }
    if let augmentation = Augmentation(text) {
      try require(Augmentation(augmentation.description) == augmentation, "\(augmentation)")
    }
    try require(
      !Endpoint.isConnectable(text) || Endpoint.isBetweenProcesses(text), "an endpoint: \(text)")
    try require(
      !Endpoint.isPrivate(text) || Endpoint.isBetweenProcesses(text), "private: \(text)")
    try readLines(bytes)
  }

  private static let optionExamples = [
    "0kill:worker:1@3,stop:server@10+0.5s,term:worker:2@1", "push:2", "value:1.5", "norm:1",
    "epochs:11", "steps:9", "affine:2,0.15", "tcp://127.0.0.1:5000", "ipc:///tmp/a", "step 7\n",
    "tcp://[::1]:9", "exhausted\n",
  ]

  private static func readChaos(_ text: String) throws(Finding) {
    guard var chaos = try? Chaos(text) else { return }
    let events = chaos.events
    for event in events {
      try require(
        event.step > 0 && (event.action == .stop) == (event.pause > .zero),
        "an event without step or pause: \(event)")
      try require(
        event.pause <= .seconds(Chaos.longestPause), "a pause that is too long: \(event)")
    }
    let again = try? Chaos(events.map(\.description).joined(separator: ","))
    try require(again == chaos, "events change on their way: \(text)")
    try require(
      chaos.take(at: .max).count == events.count && chaos.events.isEmpty, "an event remains")
  }

  private static func readLines(_ bytes: [UInt8]) throws(Finding) {
    var whole = LineCutter()
    var parts = LineCutter()
    let lines = whole.take(bytes)
    let cut =
      parts.take(bytes.prefix(bytes.count / 2)) + parts.take(bytes.dropFirst(bytes.count / 2))
    try require(lines == cut, "lines depend on the parts in which they arrive")
    for line in lines.compactMap(ControlLine.init) {
      try require(ControlLine(line.text) == line, "a line changes on its way: \(line.text)")
    }
  }
}
