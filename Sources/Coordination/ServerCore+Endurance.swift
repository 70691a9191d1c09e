import Wire

/// Attendance: waiting for enough workers, and ending a run without workers.
extension ServerCore {
  /// Whether enough workers are connected, and what was last reported about it.
  struct Attendance: Sendable {
    /// Whether no more workers will be started.
    var isFinal = false
    var absentSince: Moment?
    /// Number of members in the last report.
    var told: Int?
  }

  /// Whether more workers may still be started for this server.
  package var workersMayCome: Bool { !attendance.isFinal }

  /// Reports when the run waits for workers, and ends it when it has waited too long or none can
  /// come.
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
    if isDue { writeDown(at: now, effects: &effects) }
  }

  /// Requests a checkpoint unless the last one has the same state.
  mutating func writeDown(at now: Moment, effects: inout [Effect]) {
    let state = state
    let isKnown =
      lastCheckpoint.version == version && lastCheckpoint.isEvaluated == state.isEvaluated
    guard !isKnown else { return }
    lastCheckpoint = (version, state.isEvaluated, now)
    effects.append(.checkpoint(state))
  }
}
