import Coordination
import Learning
import Storage

/// The checkpoints of a run, one for each step, and the thread that writes them: one is being
/// written, at most one more waits, and a newer one takes its place.
struct SimulatedDisk: Sendable {
  /// Checkpoints that are kept.
  static let kept = 3

  private enum Content {
    case state(ServerState)
    case bytes([UInt8])
  }

  private struct File {
    let step: UInt64
    var content: Content?  // nil for one that was torn
    var isTorn = false
  }

  /// Whether checkpoints are kept as the bytes of their files.
  private let usesBytes: Bool
  private let training: Int
  private var dice: Dice
  /// By step.
  private var files: [File] = []
  private var current: ServerState?
  private var waiting: ServerState?

  /// A disk that holds the state at the beginning of a run.
  init(_ scenario: Scenario, dice: Dice) throws(Violation) {
    usesBytes = scenario.usesBytes
    training = scenario.dataset.training
    self.dice = dice
    files = [try file(of: scenario.initialState)]
  }

  /// The steps of all checkpoints.
  var steps: [UInt64] { files.map(\.step) }

  /// The newest state that can be read; nil if none can.
  func latest() throws(Violation) -> ServerState? {
    for file in files.reversed() {
      let state = read(file)
      try require(
        state == nil || !file.isTorn, .checkpoints, "damage to step \(file.step) goes unnoticed")
      if let state { return state }
      try require(file.isTorn, .checkpoints, "step \(file.step) cannot be read back")
    }
    return nil
  }

  /// Takes a state to be written; true if that begins at once.
  mutating func put(_ state: ServerState) -> Bool {
    guard current == nil else {
      waiting = state
      return false
    }
    current = state
    return true
  }

  /// The state that is being written is safe, and older ones are removed; true if another one
  /// begins.
  mutating func finishWriting() throws(Violation) -> Bool {
    guard let state = current else { return false }
    try keep(state)
    files.removeFirst(max(files.count - Self.kept, 0))
    (current, waiting) = (waiting, nil)
    return current != nil
  }

  /// Everything that was handed over is safe: the process waits for that before it ends.
  mutating func flush() throws(Violation) {
    while try finishWriting() {}
  }

  /// The process is killed: what was not written is lost.
  ///
  /// - Parameter isTorn: the newest checkpoint cannot be read any more, if an older one can.
  mutating func crash(isTorn: Bool) throws(Violation) {
    defer { (current, waiting) = (nil, nil) }
    guard isTorn else { return }
    if let state = current,
      files.contains(where: { $0.step < state.optimizer.step && !$0.isTorn })
    {
      try keep(state)
    }
    guard let last = files.last, !last.isTorn, files.dropLast().contains(where: { !$0.isTorn })
    else { return }  // a bit flipped twice would be whole again
    tear(files.count - 1)
  }

  /// Puts a state in the place of its step; those of later steps are of a course that was left.
  private mutating func keep(_ state: ServerState) throws(Violation) {
    files.removeAll { $0.step >= state.optimizer.step }
    files.append(try file(of: state))
  }

  private func file(of state: ServerState) throws(Violation) -> File {
    guard usesBytes else { return File(step: state.optimizer.step, content: .state(state)) }
    let checkpoint = Checkpoint(state, height: 1, width: 1, training: training)
    guard let bytes = try? checkpoint.serialized() else {
      throw Violation(.bytes, "a checkpoint of step \(state.optimizer.step) cannot be written")
    }
    return File(step: state.optimizer.step, content: .bytes(bytes))
  }

  /// Cuts the file off somewhere, or flips a bit of it.
  private mutating func tear(_ index: Int) {
    files[index].isTorn = true
    guard case .bytes(var bytes) = files[index].content else {
      files[index].content = nil
      return
    }
    let place = dice.below(bytes.count)
    if dice.chance(perMille: 500) {
      bytes.removeLast(bytes.count - place)
    } else {
      bytes[place] ^= 1 << UInt8(dice.below(8))
    }
    files[index].content = .bytes(bytes)
  }

  private func read(_ file: File) -> ServerState? {
    switch file.content {
    case .state(let state): state
    case .bytes(let bytes): (try? Checkpoint(bytes, path: "step \(file.step)"))?.state
    case nil: nil
    }
  }
}
