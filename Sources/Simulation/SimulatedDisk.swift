import Coordination
import Learning
import Storage

/// The checkpoints of a run, one per step, and the thread that writes them. It writes one
/// checkpoint at a time; at most one more is queued, and a newer one replaces it.
struct SimulatedDisk: Sendable {
  /// The number of checkpoints that are kept.
  static let kept = 3

  private enum Content {
    case state(ServerState)
    case bytes([UInt8])
  }

  private struct StoredCheckpoint {
    let step: UInt64
    let isEvaluated: Bool
    var content: Content?  // nil if it was damaged
    var isTorn = false
  }

  /// Result of a write.
  struct WriteResult: Equatable {
    let version: UInt64
    let isEvaluated: Bool
    let isWritten: Bool
  }

  /// Whether checkpoints are stored in their file format.
  private let usesBytes: Bool
  private let training: Int
  /// The number of next writes that fail, as on a full disk.
  var failures = 0
  /// Whether the last write that ended has failed.
  private(set) var lastWriteFailed = false
  private var random: SplitMix64
  /// Sorted by step.
  private var files: [StoredCheckpoint] = []
  private var current: ServerState?
  private var waiting: ServerState?

  /// Creates a disk with a checkpoint of the initial state.
  init(_ scenario: Scenario, random: SplitMix64) throws(Violation) {
    usesBytes = scenario.usesBytes
    training = scenario.dataset.training
    self.random = random
    files = [try file(of: scenario.initialState)]
  }

  /// The steps of all checkpoints.
  var steps: [UInt64] { files.map(\.step) }

  /// Returns the newest readable state; nil if there is none.
  func latest() throws(Violation) -> ServerState? {
    for file in files.reversed() {
      let state = read(file)
      try require(
        state == nil || !file.isTorn, .checkpoints, "damage to step \(file.step) is not detected")
      if let state { return state }
      try require(file.isTorn, .checkpoints, "step \(file.step) is not readable")
    }
    return nil
  }

  /// Accepts a state to be written; returns true if writing starts now.
  mutating func put(_ state: ServerState) -> Bool {
    guard current == nil else {
      waiting = state
      return false
    }
    current = state
    return true
  }

  /// Completes the current write, and starts that of the queued state.
  ///
  /// - Returns: The result of the current write; nil if there is none.
  mutating func finishWriting() throws(Violation) -> WriteResult? {
    guard let state = current else { return nil }
    (current, waiting) = (waiting, nil)
    let isWritten = failures == 0
    lastWriteFailed = !isWritten
    if isWritten {
      try keep(state)
      files.removeFirst(max(files.count - Self.kept, 0))
    } else {
      failures -= 1
    }
    return WriteResult(
      version: state.optimizer.step, isEvaluated: state.isEvaluated, isWritten: isWritten)
  }

  /// Completes all pending writes, as a process does before it exits, and returns their results.
  mutating func flush() throws(Violation) -> [WriteResult] {
    var written: [WriteResult] = []
    while let result = try finishWriting() { written.append(result) }
    return written
  }

  /// Whether a state is stored.
  func stores(version: UInt64, isEvaluated: Bool) -> Bool {
    files.contains { $0.step == version && $0.isEvaluated == isEvaluated && !$0.isTorn }
  }

  /// Whether a state is stored, or is being written.
  func holds(version: UInt64, isEvaluated: Bool) -> Bool {
    stores(version: version, isEvaluated: isEvaluated)
      || [current, waiting].contains {
        $0?.optimizer.step == version && $0?.isEvaluated == isEvaluated
      }
  }

  /// Returns to the newest state before `step`: `last`, a stored one or `initial`; stores it and
  /// removes the later ones.
  mutating func go(
    backBefore step: UInt64, from last: ServerState, initial: ServerState
  ) throws(Violation) -> ServerState {
    var found = last.optimizer.step < step ? last : nil
    for file in files.reversed() where found == nil && file.step < step { found = read(file) }
    let earlier = found ?? initial
    let state = ServerState(
      settings: earlier.settings, dataset: earlier.dataset, optimizer: earlier.optimizer,
      applied: earlier.applied, audit: earlier.audit, isEvaluated: earlier.isEvaluated,
      quarantine: last.quarantine, contributors: earlier.contributors)
    try keep(state)
    return state
  }

  /// Whether a state is being written.
  var isWriting: Bool { current != nil }

  /// Discards all pending writes, as when the process is killed.
  ///
  /// - Parameter isTorn: Whether the newest checkpoint is damaged, provided that an older one is
  ///   readable.
  mutating func crash(isTorn: Bool) throws(Violation) {
    defer { (current, waiting) = (nil, nil) }
    guard isTorn else { return }
    if let state = current,
      files.contains(where: { $0.step < state.optimizer.step && !$0.isTorn })
    {
      try keep(state)
    }
    guard let last = files.last, !last.isTorn, files.dropLast().contains(where: { !$0.isTorn })
    else { return }  // flipping the same bit twice would repair it
    tear(files.count - 1)
  }

  /// Stores a state under its step, and removes checkpoints of later steps from before a restart.
  private mutating func keep(_ state: ServerState) throws(Violation) {
    files.removeAll { $0.step >= state.optimizer.step }
    files.append(try file(of: state))
  }

  private func file(of state: ServerState) throws(Violation) -> StoredCheckpoint {
    guard usesBytes else {
      return StoredCheckpoint(
        step: state.optimizer.step, isEvaluated: state.isEvaluated, content: .state(state))
    }
    let checkpoint = Checkpoint(state, height: 1, width: 1, training: training)
    guard let bytes = try? checkpoint.serialized() else {
      throw Violation(.bytes, "a checkpoint of step \(state.optimizer.step) cannot be serialized")
    }
    return StoredCheckpoint(
      step: state.optimizer.step, isEvaluated: state.isEvaluated, content: .bytes(bytes))
  }

  /// Truncates the file or flips a bit of it.
  private mutating func tear(_ index: Int) {
    files[index].isTorn = true
    guard case .bytes(var bytes) = files[index].content else {
      files[index].content = nil
      return
    }
    let place = random.below(bytes.count)
    if random.chance(perMille: 500) {
      bytes.removeLast(bytes.count - place)
    } else {
      bytes[place] ^= 1 << UInt8(random.below(8))
    }
    files[index].content = .bytes(bytes)
  }

  private func read(_ file: StoredCheckpoint) -> ServerState? {
    switch file.content {
    case .state(let state): state
    case .bytes(let bytes): (try? Checkpoint(bytes, path: "step \(file.step)"))?.state
    case nil: nil
    }
  }
}
