import Coordination
import Foundation
import Learning

/// The return of a run to an earlier state, for which the later checkpoints are removed.
extension CheckpointFolder {
  /// The file whose name ends with the step of a return that is not complete.
  private static let mark = ".return-to-"

  /// Writes a checkpoint and removes all others of later steps: if the process is killed meanwhile,
  /// the next opening of the folder completes the return.
  ///
  /// - Throws: a ``StorageError``; the existing checkpoints are then unchanged.
  package func go(backTo checkpoint: Checkpoint) throws {
    let step = checkpoint.state.optimizer.step
    try checkpoint.write(to: Self.file(step, in: path))
    try AtomicFile.write([], to: "\(path)/\(Self.mark)\(step)")
    try completeReturn()
  }

  /// Removes the checkpoints that a return has left.
  func completeReturn() throws(FileError) {
    for name in try Folder.names(path) where name.hasPrefix(Self.mark) {
      guard let last = UInt64(name.dropFirst(Self.mark.count)) else { continue }
      for step in try steps where step > last {
        try? FileManager.default.removeItem(atPath: Self.file(step, in: path))
      }
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }
}
