import Coordination
import Foundation
import Learning
package import Numerics

/// The latest checkpoints of a run: one file each, named by step.
package struct CheckpointFolder: Sendable {
  /// The number of checkpoints that are kept.
  package static let kept = 3
  /// The name of this folder in the folder of a run.
  package static let name = "checkpoints"

  /// The folder's path.
  package let path: String
  /// Whether checkpoints are kept from which the run can resume without the results of one of its
  /// workers.
  package var keepsAnchors = false

  /// Maximum number of checkpoints that are kept for this.
  private static let mostAnchors = 4
  private static let prefix = "step-", suffix = ".safetensors"

  /// Opens the folder at `path`, creates it if it does not exist, and removes temporary files that
  /// a crash left in it. Only the process that writes checkpoints may do this.
  ///
  /// - Throws: ``FileError``.
  package init(_ path: String) throws(FileError) {
    self.path = path
    try Folder.create(path)
    for name in try Folder.names(path) where name.hasPrefix(".") && name.hasSuffix(".tmp") {
      try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
    try completeReturn()
  }

  /// Whether there is a folder at `path` with a file that is named like a checkpoint.
  package static func holdsAny(_ path: String) -> Bool {
    let names = (try? Folder.names(path)) ?? []
    return names.contains { step(of: $0) != nil }
  }

  /// Writes a checkpoint and returns its path. Then removes checkpoints older than the latest few,
  /// anchors aside, and those of later steps, which the run will repeat.
  ///
  /// - Throws: a ``StorageError``; the existing checkpoints are then unchanged.
  @discardableResult
  package func write(_ checkpoint: Checkpoint) throws -> String {
    let step = checkpoint.state.optimizer.step
    let file = Self.file(step, in: path)
    try checkpoint.write(to: file)
    let steps = try steps
    let past = steps.filter { $0 <= step }
    let anchors = keepsAnchors ? anchors(checkpoint.state.contributors, of: past) : []
    let stale = steps.filter { $0 > step } + past.dropFirst(Self.kept)
    for step in stale where !anchors.contains(step) {
      try? FileManager.default.removeItem(atPath: Self.file(step, in: path))
    }
    return file
  }

  /// Returns the newest checkpoints without the results of each contributor: the oldest of these,
  /// which is without those of any, and the newest few.
  private func anchors(_ contributors: Contributors, of steps: [UInt64]) -> Set<UInt64> {
    let needed = Set(contributors.steps.compactMap { first in steps.first { $0 < first } })
    let newest = needed.sorted(by: >).prefix(Self.mostAnchors - 1)
    return Set(newest).union(needed.min().map { [$0] } ?? [])
  }

  /// Returns the newest valid checkpoint before `step`; nil if there is none.
  package func newest(before step: UInt64, kernels: Kernels) throws -> Checkpoint? {
    try steps.lazy.filter { $0 < step }
      .compactMap { try? Checkpoint.read(path: Self.file($0, in: path), kernels: kernels) }.first
  }

  /// Returns the newest valid checkpoint and its path; see ``latest(in:kernels:warn:)``.
  package func latest(
    kernels: Kernels = Kernels(), warn: (any Error) -> Void
  ) throws -> (checkpoint: Checkpoint, path: String) {
    try Self.latest(in: path, kernels: kernels, warn: warn)
  }

  /// Returns the newest valid checkpoint in the folder at `folder`, and its path; changes nothing.
  ///
  /// A file that the system cannot read may be intact, so it is not passed over.
  ///
  /// - Parameter warn: receives the error of each newer checkpoint that is not valid.
  /// - Throws: ``CheckpointError/none(folder:)``, or ``FileError`` if the folder or a checkpoint
  ///   cannot be read.
  package static func latest(
    in folder: String, kernels: Kernels = Kernels(), warn: (any Error) -> Void
  ) throws -> (checkpoint: Checkpoint, path: String) {
    for step in try steps(in: folder) {
      let path = file(step, in: folder)
      do {
        return (try Checkpoint.read(path: path, kernels: kernels), path)
      } catch let error as FileError where error.isUnreadable {
        throw error
      } catch {
        warn(error)
      }
    }
    throw CheckpointError.none(folder: folder)
  }

  /// Removes the oldest checkpoint to free its space, unless none is older than the newest valid
  /// one.
  ///
  /// - Returns: the path of the removed file, or nil if none may be removed.
  package func removeOldest() throws -> String? {
    guard let oldest = try steps.last, try steps.count > 1 else { return nil }
    let newest = try latest(warn: { _ in }).checkpoint.state.optimizer.step
    let file = Self.file(oldest, in: path)
    guard oldest < newest, unsafe unlink(file) == 0 else { return nil }
    return file
  }

  /// The steps of all checkpoints, the latest first.
  var steps: [UInt64] {
    get throws(FileError) { try Self.steps(in: path) }
  }

  private static func steps(in folder: String) throws(FileError) -> [UInt64] {
    try Folder.names(folder).compactMap(step).sorted(by: >)
  }

  static func file(_ step: UInt64, in folder: String) -> String {
    "\(folder)/\(prefix)\(step)\(suffix)"
  }

  /// Returns the step in a file name; nil unless the name is exactly that of the step's checkpoint.
  private static func step(of name: String) -> UInt64? {
    guard name.hasPrefix(prefix), name.hasSuffix(suffix),
      let step = UInt64(name.dropFirst(prefix.count).dropLast(suffix.count)),
      name == "\(prefix)\(step)\(suffix)"
    else { return nil }
    return step
  }
}
