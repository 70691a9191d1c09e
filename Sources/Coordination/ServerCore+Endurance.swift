import Wire

/// What makes a run outlast its processes: the state is written down, and a server whose workers
/// stay away ends in order.
extension ServerCore {
  /// Whether enough workers are there, and what was said of it.
  struct Attendance: Sendable {
    /// Whether nobody starts workers any more.
    var isFinal = false
    var absentSince: Moment?
    /// Number of workers at the last word about it.
    var told: Int?
  }

  /// Whether somebody may still start workers for this server.
  package var workersMayCome: Bool { !attendance.isFinal }

  /// Says for whom the run waits; ends it when nobody is to be expected.
  mutating func attend(at now: Moment, effects: inout [Effect]) {
    guard ending == nil else { return }
    guard members.count < max(policy.minimumWorkers, 1) else {
      attendance.absentSince = nil
      attendance.told = members.count
      return
    }
    let since = attendance.absentSince ?? now
    attendance.absentSince = since
    if members.count != attendance.told, attendance.told != nil || policy.minimumWorkers > 1 {
      attendance.told = members.count
      let names = members.members.map(\.name)
      effects.append(.report(.waiting(needed: policy.minimumWorkers, present: names)))
    }
    guard attendance.isFinal && members.count == 0 || now.since(since) >= timing.absence
    else { return }
    end(.abandoned, reason: "too few workers are left", at: now, effects: &effects)
  }

  /// Asks for a checkpoint when enough was done since the last one.
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
    if isDue { writeDown(at: now, effects: &effects) }
  }

  /// Asks for a checkpoint, unless the last one says all there is to say.
  mutating func writeDown(at now: Moment, effects: inout [Effect]) {
    let state = state
    let isKnown =
      lastCheckpoint.version == version && lastCheckpoint.isEvaluated == state.isEvaluated
    guard !isKnown else { return }
    lastCheckpoint = (version, state.isEvaluated, now)
    effects.append(.checkpoint(state))
  }
}
