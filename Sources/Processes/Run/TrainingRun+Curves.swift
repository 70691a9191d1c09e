import Coordination
import Foundation
import Learning
import Logging
import Numerics
import Storage
import Telemetry

/// The curves that a run leaves for TensorBoard.
extension TrainingRun {
  /// Begins the event files of the run that starts now.
  func makeBoard(start: Moment) throws(FileError) -> TensorBoardLog {
    do {
      return try TensorBoardLog(
        folder: folder.path, settings: settings,
        facts: [
          ("dataset", dataset.name), ("content", dataset.fingerprint),
          ("kernels", configuration.kernels.variant.rawValue),
        ], resumed: self.start.state.optimizer.step, start: start)
    } catch {
      throw .unwritable(
        path: folder.path, operation: "making the event files",
        reason: error.localizedDescription)
    }
  }

  /// Writes curves; a run does not end because they cannot be written.
  func write(_ board: TensorBoardLog, _ work: (TensorBoardLog) throws -> Void) {
    do {
      try work(board)
    } catch {
      audience.logger.error("curves cannot be written", metadata: ["error": "\(error)"])
    }
  }
}
