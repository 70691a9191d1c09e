import Coordination
import Foundation
import Learning
package import Numerics

/// The checkpoints of one run: the last few, one file each, named by their step.
package struct CheckpointFolder: Sendable {
  /// Checkpoints that stay.
  package static let kept = 3

  /// The folder's path.
  package let path: String

  private static let prefix = "step-", suffix = ".safetensors"

  /// The folder at `path`, which is made if it is not there; what a crash left half written is
  /// removed.
  ///
  /// - Throws: ``FileError``.
  package init(_ path: String) throws(FileError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(
        path: path, operation: "making the folder", reason: SystemReason.text(of: error))
    }
    for name in try Self.names(path) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
  }

  /// Whether there is a folder at `path` with anything that is named like a checkpoint.
  package static func holdsAny(_ path: String) -> Bool {
    let names = (try? names(path)) ?? []
    return names.contains { step(of: $0) != nil }
  }

  /// Writes a checkpoint, and returns its path. Once it is safely there, older ones than the last
  /// few are removed, and those of later steps, which the run has left behind.
  ///
  /// - Throws: a ``StorageError``; every checkpoint is then as it was.
  @discardableResult
  package func write(_ checkpoint: Checkpoint) throws -> String {
    let step = checkpoint.state.optimizer.step
    let file = self.file(step)
    try checkpoint.write(to: file)
    let steps = try steps
    let stale = steps.filter { $0 > step } + steps.filter { $0 <= step }.dropFirst(Self.kept)
    for step in stale { try? FileManager.default.removeItem(atPath: self.file(step)) }
    return file
  }

  /// The newest checkpoint that is whole, and its path.
  ///
  /// - Parameter warn: is told of each newer one which file it is and what is wrong with it.
  /// - Throws: ``CheckpointError/none(folder:)``, or ``FileError`` if the folder cannot be read.
  package func latest(
    kernels: Kernels = Kernels(), warn: (any Error) -> Void
  ) throws -> (checkpoint: Checkpoint, path: String) {
    for step in try steps {
      do {
        return (try Checkpoint.read(path: file(step), kernels: kernels), file(step))
      } catch {
        warn(error)
      }
    }
    throw CheckpointError.none(folder: path)
  }

  /// Removes the oldest checkpoint to free its space, unless none is older than the newest valid
  /// one.
  ///
  /// - Returns: the path of the removed file, or nil if none may be removed.
  package func removeOldest() throws -> String? {
    guard let oldest = try steps.last, try steps.count > 1 else { return nil }
    let newest = try latest(warn: { _ in }).checkpoint.state.optimizer.step
    guard oldest < newest, unlink(file(oldest)) == 0 else { return nil }
    return file(oldest)
  }

  /// The steps of all checkpoints, the latest first.
  var steps: [UInt64] {
    get throws(FileError) { try Self.names(path).compactMap(Self.step).sorted(by: >) }
  }

  private func file(_ step: UInt64) -> String { "\(path)/\(Self.prefix)\(step)\(Self.suffix)" }

  private static func names(_ path: String) throws(FileError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
    } catch {
      throw .unreadable(path: path, reason: SystemReason.text(of: error))
    }
  }

  /// The step in a name; only the name that is written for a step counts.
  private static func step(of name: String) -> UInt64? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      let step = UInt64(name.dropFirst(prefix.count).dropLast(suffix.count)),
      name == "\(prefix)\(step)\(suffix)"
    else { return nil }
    return step
  }
}
