/// The end of the run: its outcome, and the time for the farewells of the members.
struct Shutdown: Sendable {
  /// The outcome of the run; nil until the run ends.
  private(set) var outcome: Outcome?
  /// The reason for the end, in words.
  private(set) var reason = ""
  /// Whether the core has finished.
  private(set) var isOver = false
  /// The time of the outcome, then that of the announcement.
  private var since = Moment(nanoseconds: 0)
  /// Whether the members have been notified.
  private(set) var isAnnounced = false

  /// Whether the run has an outcome.
  var hasBegun: Bool { outcome != nil }

  /// Whether no server will resume the run: it is complete, or diverged.
  var isFinal: Bool {
    switch outcome {
    case .completed, .diverged: true
    case .stopped, .abandoned, .replay, nil: false
    }
  }

  /// Begins the end of the run, unless it has begun.
  mutating func begin(_ outcome: Outcome, reason: String, at now: Moment) {
    guard self.outcome == nil else { return }
    self.outcome = outcome
    self.reason = reason
    since = now
  }

  /// Returns whether the members must be notified now, which is the case once. Workers leave a run
  /// with a final outcome for good, so its last state must be stored before; a disk that needs
  /// longer than the time for farewells does not delay the end any more.
  mutating func takeAnnouncement(isStored: Bool, farewell: Duration, at now: Moment) -> Bool {
    guard hasBegun, !isAnnounced, !isFinal || isStored || now.since(since) >= farewell else {
      return false
    }
    isAnnounced = true
    since = now
    return true
  }

  /// Returns the outcome once all members have left, or the time for farewells is over.
  mutating func finished(members: Int, farewell: Duration, at now: Moment) -> Outcome? {
    guard let outcome, !isOver, members == 0 || isAnnounced && now.since(since) >= farewell else {
      return nil
    }
    isOver = true
    return outcome
  }
}
