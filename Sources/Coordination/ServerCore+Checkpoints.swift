import Wire

/// Checkpoints: requesting that the state is stored.
extension ServerCore {
  /// Requests a checkpoint if the policy's interval has passed since the last one.
  mutating func checkpointIfDue(at now: Moment, effects: inout [Effect]) {
    guard ending == nil else { return }
    let last = lastCheckpoint.time ?? now
    lastCheckpoint.time = last
    guard version > lastCheckpoint.version else { return }
    let isDue =
      switch policy.checkpoints {
      case .steps(let count): version / max(count, 1) > lastCheckpoint.version / max(count, 1)
      case .time(let duration): now.since(last) >= duration
      case .never: false
      }
    if isDue { requestCheckpoint(at: now, effects: &effects) }
  }

  /// Requests a checkpoint unless the last one has the same state.
  mutating func requestCheckpoint(at now: Moment, effects: inout [Effect]) {
    let state = state
    let isStored =
      lastCheckpoint.version == version && lastCheckpoint.isEvaluated == state.isEvaluated
    guard !isStored else { return }
    lastCheckpoint = (version, state.isEvaluated, now)
    effects.append(.checkpoint(state))
  }
}
