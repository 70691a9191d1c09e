package import Coordination
import Numerics
import Wire

/// The metrics of a run as JSON lines: one object for each update and each evaluated split.
///
/// Lines are buffered and written about once a second, whole lines at a time, so that the file
/// stays readable if the process is killed. Not thread-safe.
package final class MetricsLog {
  private let file: AppendedFile
  private let start: Moment
  /// Seconds that the run had taken before the start.
  private let elapsed: Double
  private var lastWritten: Moment

  /// Creates a log in a new file at `path`; an existing file is emptied.
  ///
  /// - Throws: the error of the file system.
  package init(path: String, start: Moment) throws {
    file = try AppendedFile(path: path, isNew: true)
    (self.start, elapsed, lastWritten) = (start, 0, start)
  }

  /// Creates a log that continues the file at `path`, of a run that had taken `elapsed` seconds
  /// before.
  ///
  /// - Throws: the error of the file system.
  package init(resuming path: String, start: Moment, elapsed: Double) throws {
    file = try AppendedFile(path: path, isNew: false)
    (self.start, self.elapsed, lastWritten) = (start, elapsed, start)
  }

  /// Adds the lines of a report.
  package func note(_ report: Report, at now: Moment) {
    let seconds = elapsed + now.since(start).seconds
    for line in Self.lines(report, seconds: seconds) { file.append((line + "\n").utf8) }
  }

  /// Writes the buffered lines if the last attempt was at least a second ago.
  ///
  /// - Throws: the error of the file system; the lines stay buffered for the next attempt.
  package func flushIfDue(at now: Moment) throws {
    guard now.since(lastWritten) >= .seconds(1) else { return }
    lastWritten = now
    try flush()
  }

  /// Writes the buffered lines.
  ///
  /// - Throws: the error of the file system; the lines stay buffered.
  package func flush() throws { try file.flush() }

  /// Returns the number of lines that were dropped since the last call, because too many were
  /// buffered.
  package func takeDropped() -> UInt64 { file.takeDropped() }

  /// Returns the lines of one report, without line ends.
  ///
  /// - Parameter seconds: time since the beginning of the run.
  static func lines(_ report: Report, seconds: Double) -> [String] {
    let number = ReportJSON.number
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
    case .differed(let difference):
      return [
        "{\"kind\":\"audit\",\"step\":\(difference.step),"
          + "\"worker\":\(ReportJSON.text(difference.name)),"
          + "\"lease\":\(difference.lease.counter),\(time)}"
      ]
    case .joined, .left, .refused, .closed, .ignored, .rejected, .waiting, .reissued, .evaluating,
      .disputed, .differing, .slow, .diverged:
      return []
    }
  }
}
