import Wire

/// Attendance: waiting for enough workers, and ending a run without workers.
extension ServerCore {
  /// Whether enough workers are connected, and what was last reported about it.
  struct Attendance: Sendable {
    /// Whether no more workers will be started.
    var workersExhausted = false
    var absentSince: Moment?
    /// Number of members in the last report.
    var reportedCount: Int?
  }

  /// Whether more workers may still be started for this server.
  package var workersMayCome: Bool { !attendance.workersExhausted }

  /// Reports when the run waits for workers, and ends it when it has waited too long or none can
  /// come.
  mutating func checkAttendance(at now: Moment, effects: inout [Effect]) {
    guard ending == nil else { return }
    guard members.count < max(policy.minimumWorkers, 1) else {
      attendance.absentSince = nil
      attendance.reportedCount = members.count
      return
    }
    let since = attendance.absentSince ?? now
    attendance.absentSince = since
    if members.count != attendance.reportedCount,
      attendance.reportedCount != nil || policy.minimumWorkers > 1
    {
      attendance.reportedCount = members.count
      let names = members.members.map(\.name)
      effects.append(.report(.waiting(needed: policy.minimumWorkers, present: names)))
    }
    guard attendance.workersExhausted && members.count == 0 || now.since(since) >= timing.absence
    else { return }
    end(.abandoned, reason: "too few workers remain", at: now, effects: &effects)
  }
}
