/// The number of workers that a run needs: enough to start training, and enough to continue.
///
/// Training leases are first granted once `startWith` workers are ready, and from then on as long
/// as the number of ready workers is not below the floor.
struct Quorum: Sendable {
  private let startWith: Int
  private let floor: Int
  private var ready = 0
  private var hasStarted = false
  private var shortSince: Moment?
  /// Number of workers in the last report, or when there were last enough.
  private var reported: Int?

  /// Creates a quorum of no workers.
  ///
  /// - Parameters:
  ///   - startWith: number of ready workers with which training starts.
  ///   - floor: number of ready workers with which it continues; at least one.
  init(startWith: Int, floor: Int) {
    self.floor = max(floor, 1)
    self.startWith = max(startWith, self.floor)
  }

  /// Number of ready workers that are needed now.
  var needed: Int { hasStarted ? floor : startWith }

  /// Whether fewer workers are ready than are needed.
  var isShort: Bool { ready < needed }

  /// Whether training leases may be granted.
  var mayTrain: Bool { !isShort }

  /// Sets the number of ready workers.
  ///
  /// - Returns: whether ``mayTrain`` has changed.
  @discardableResult
  mutating func update(ready: Int) -> Bool {
    let couldTrain = mayTrain
    self.ready = ready
    if mayTrain {
      hasStarted = true
      shortSince = nil
      reported = ready
    }
    return mayTrain != couldTrain
  }

  /// Returns whether workers have been missing for `limit` or longer; the first call after an
  /// update that left too few of them starts the time.
  mutating func absence(at now: Moment, limit: Duration) -> Bool {
    guard isShort else { return false }
    let since = shortSince ?? now
    shortSince = since
    return now.since(since) >= limit
  }

  /// Returns the number of workers needed and present if a report is due: too few workers are
  /// ready, and their number is not that of the last report.
  ///
  /// The wait for the first worker is not reported if one is enough.
  mutating func report() -> (needed: Int, present: Int)? {
    guard isShort, ready != reported, reported != nil || needed > 1 else { return nil }
    reported = ready
    return (needed, ready)
  }
}
