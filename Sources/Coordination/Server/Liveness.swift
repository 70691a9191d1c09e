import Wire

/// The deadlines of the members: heartbeats to send, silence, stalled computations, and closed
/// connections that libzmq does not identify.
struct Liveness: Sendable {
  /// The action that is due for a member.
  enum Action: Sendable {
    /// Send a heartbeat.
    case heartbeat
    /// Evict the member, and send it a refusal with the reason.
    case evict(reason: String, refusal: RefusalReason)
  }

  /// Delay of the second probe after a connection closed: the first one may come before the socket
  /// has processed the close.
  private static let probeDelay = Duration.milliseconds(50)
  /// Minimum time between probes for each member, which bounds their cost when many connections
  /// close.
  private static let probeCost = Duration.milliseconds(1)

  private let timing: Timing
  private var checks = Deadlines<PeerID>()
  private var nextProbe: Moment?
  private var lastProbe: Moment?
  /// Probes to come after the next one.
  private var furtherProbes = 0

  /// Creates the deadlines of a server without members.
  init(timing: Timing) {
    self.timing = timing
  }

  /// Begins to watch a member.
  mutating func watch(_ peer: PeerID, at now: Moment) {
    checks.set(peer, at: now.advanced(by: min(timing.heartbeat, timing.silence)))
  }

  /// Ends watching a member.
  mutating func forget(_ peer: PeerID) { checks.remove(peer) }

  // MARK: Deadlines

  /// Removes and returns a member whose deadlines must be checked; schedule it again afterwards.
  mutating func nextDue(at now: Moment) -> PeerID? { checks.popDue(at: now) }

  /// Returns the action that is due for a member.
  ///
  /// - Parameters:
  ///   - isHolding: whether the member has leases that it has not answered.
  ///   - limit: the time for which it may hold a lease.
  ///   - hasBacklog: whether received messages are waiting to be processed, so that silence
  ///     cannot be judged.
  func action(
    for member: Member, isHolding: Bool, limit: Duration, hasBacklog: Bool, at now: Moment
  ) -> Action? {
    if !hasBacklog, now.since(member.lastReceived) > timing.silence {
      return .evict(reason: "no message for \(timing.silence)", refusal: .unknownMember)
    }
    if !hasBacklog, isHolding, now.since(member.lastProgress) > timing.stall {
      return .evict(
        reason: "its computation made no progress for \(timing.stall)", refusal: .stalled)
    }
    if !hasBacklog, isHolding, now.since(member.holdingSince) > limit {
      return .evict(reason: "it did not answer a lease for \(limit)", refusal: .stalled)
    }
    guard now.since(member.lastSent) >= timing.heartbeat else { return nil }
    return member.channel.acceptsHeartbeat ? .heartbeat : nil
  }

  /// Sets the time of a member's next check.
  mutating func schedule(_ member: Member, at now: Moment) {
    let heartbeat = member.lastSent.advanced(by: timing.heartbeat)
    let silence = member.lastReceived.advanced(by: timing.silence)
    let stall = member.lastProgress.advanced(by: timing.stall)
    let earliest = now.advanced(by: .milliseconds(1))
    // At least once per heartbeat: a member may become busy in the meantime.
    let latest = now.advanced(by: timing.heartbeat)
    checks.set(member.peer, at: min(max(min(heartbeat, silence, stall), earliest), latest))
  }

  // MARK: Probes

  /// The time of the next probe; nil if none is needed.
  var nextTick: Moment? { nextProbe }

  /// Requests probes because connections have closed: libzmq does not report which ones, so every
  /// member is sent a heartbeat, and the send to a closed connection fails.
  ///
  /// - Parameter members: the number of members.
  mutating func connectionsClosed(members: Int, at now: Moment) {
    furtherProbes = 1
    guard nextProbe == nil else { return }
    let pause = max(Self.probeDelay, Self.probeCost * members)
    nextProbe = lastProbe.map { max($0.advanced(by: pause), now) } ?? now
  }

  /// Returns whether a probe is due, and schedules the next one.
  mutating func takeProbe(members: Int, at now: Moment) -> Bool {
    guard let due = nextProbe, now >= due else { return false }
    lastProbe = now
    let pause = max(Self.probeDelay, Self.probeCost * members)
    nextProbe = furtherProbes > 0 ? now.advanced(by: pause) : nil
    furtherProbes = max(furtherProbes - 1, 0)
    return true
  }
}
