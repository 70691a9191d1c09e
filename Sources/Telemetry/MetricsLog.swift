package import Coordination
import Foundation
import Numerics
import Wire

/// The run's numbers as JSON lines: one object for every update and every evaluated split.
///
/// Lines are gathered and written about once a second, whole lines at a time, so that a run that is
/// killed leaves a readable file. Not thread-safe.
package final class MetricsLog {
  private let file: FileHandle
  private let start: Moment
  /// Seconds that the run had taken before the start.
  private let elapsed: Double
  private var buffer = ""
  private var lastWritten: Moment

  /// Creates or empties the file at `path`.
  ///
  /// - Throws: the error of the file system.
  package convenience init(path: String, start: Moment) throws {
    try Data().write(to: URL(fileURLWithPath: path))
    try self.init(resuming: path, start: start, elapsed: 0)
  }

  /// Goes on at the end of the file at `path`, of a run that had taken `elapsed` seconds before.
  ///
  /// - Throws: the error of the file system.
  package init(resuming path: String, start: Moment, elapsed: Double) throws {
    file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    self.start = start
    self.elapsed = elapsed
    lastWritten = start
  }

  /// Adds what is to be logged of a report.
  ///
  /// - Throws: the error of the file system; the lines stay and are tried again.
  package func note(_ report: Report, at now: Moment) throws {
    let seconds = elapsed + now.since(start).seconds
    for line in Self.lines(report, seconds: seconds) { buffer += line + "\n" }
    if now.since(lastWritten) >= .seconds(1) {
      lastWritten = now
      try flush()
    }
  }

  /// Writes what is gathered.
  package func flush() throws {
    guard !buffer.isEmpty else { return }
    try file.write(contentsOf: Data(buffer.utf8))
    buffer = ""
  }

  /// The lines of one report, without line ends; `seconds` since the run began.
  static func lines(_ report: Report, seconds: Double) -> [String] {
    let time = "\"seconds\":\(number((seconds * 1e4).rounded() / 1e4))"
    switch report {
    case .stepped(let step):
      return [
        "{\"kind\":\"step\",\"step\":\(step.step),\"epoch\":\(step.epoch),"
          + "\"loss\":\(number(step.sums.meanLoss)),\"accuracy\":\(number(step.sums.accuracy)),"
          + "\"gradient_norm\":\(number(Double(step.gradientNorm))),"
          + "\"staleness\":\(step.staleness),\"workers\":\(step.workers),\(time)}"
      ]
    case .evaluated(let step, let results):
      return results.map { result in
        "{\"kind\":\"evaluation\",\"step\":\(step),\"split\":\"\(result.split)\","
          + "\"loss\":\(number(result.loss)),\"accuracy\":\(number(result.accuracy)),"
          + "\"samples\":\(result.sums.count),\(time)}"
      }
    case .joined, .left, .refused, .ignored, .rejected, .waiting, .reissued: return []
    }
  }

  private static func number(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "null"
  }
}
