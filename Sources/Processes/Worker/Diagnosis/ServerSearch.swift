import Coordination
import Wire
import ZeroMQ

/// A worker's search for its server: collects the facts, probes the endpoint while there is no
/// connection, and reports each new fault once.
struct ServerSearch {
  private var target: ProbeTarget?
  private var diagnosis: ConnectionDiagnosis
  private var since: Moment
  private var probe: EndpointProbe?
  private var nextProbe: Moment
  private var probeInterval = Self.shortestInterval
  /// Whether pieces of weights have arrived in the last session.
  private var hasPieces = false
  /// The reason for which the server ended the last session, until it is reported.
  private var dismissal: String?
  /// The last fault that was certain.
  private var last: ConnectionFault?
  private var reported: Set<ConnectionFault> = []
  /// Number of endpoints tried since the search began.
  private var attempts = 0
  /// The time at which the last attempt at another endpoint was due.
  private var attempted: Moment

  /// Time without a server after which the reason is reported.
  private static let patience = Duration.seconds(3)
  /// Time for libzmq to connect before the endpoint is probed.
  private static let firstProbe = Duration.milliseconds(200)
  private static let shortestInterval = Duration.seconds(2)
  private static let longestInterval = Duration.seconds(16)
  /// Time to connect to one of several endpoints; later attempts have longer, up to the limit.
  private static let attemptTime = Duration.seconds(1)
  private static let longestAttempt = Duration.seconds(5)
  /// Maximum number of faults that are remembered as reported.
  private static let mostReported = 64
  /// Age from which a silent connection is a fault; shorter than the interval between hellos.
  private static let settling = Duration.milliseconds(800)

  /// Creates a search that begins now.
  init(for endpoint: String, at now: Moment) {
    target = ProbeTarget(endpoint)
    diagnosis = ConnectionDiagnosis(endpoint: endpoint, link: LinkState(at: now))
    (since, attempted) = (now, now)
    nextProbe = now.advanced(by: Self.firstProbe)
  }

  /// Whether the worker is serving and ``update(_:events:at:)`` has recorded it.
  func isOver(_ contact: WorkerCore.Contact) -> Bool {
    contact == .serving && diagnosis.contact == .serving
  }

  /// Whether the worker was in a session at the last update.
  var isInSession: Bool { diagnosis.contact != .searching }

  /// Returns whether the time for the current endpoint to accept a connection is over, and begins
  /// that of the next attempt.
  mutating func takeAttempt(at now: Moment) -> Bool {
    guard diagnosis.contact == .searching, diagnosis.link.stage == .none else { return false }
    let limit = min(Self.attemptTime * (1 + attempts / 4), Self.longestAttempt)
    guard now.since(max(attempted, diagnosis.link.since)) >= limit else { return false }
    attempted = now
    return true
  }

  /// Records that the connection was replaced by a new one.
  mutating func reconnected(to endpoint: String, at now: Moment) {
    diagnosis.link = LinkState(at: now)
    guard endpoint != diagnosis.endpoint else { return }
    attempts += 1
    diagnosis.endpoint = endpoint
    target = ProbeTarget(endpoint)
    (probe, diagnosis.probe) = (nil, nil)
  }

  /// Records a message of the server.
  mutating func record(_ message: Message) {
    switch message {
    case .refusal(let refusal): dismissal = refusal.detail
    case .welcome: hasPieces = false
    case .piece: hasPieces = true
    case .grant(let grant) where grant.firstPiece != nil: hasPieces = true
    default: break
    }
  }

  /// Records the current contact and the events of the connection.
  ///
  /// - Parameter location: the fault of the place that names the endpoints, if it names none.
  /// - Returns: a fault to report, each once.
  mutating func update(
    _ contact: WorkerCore.Contact, events: [ConnectionMonitor.Event],
    location: ConnectionFault? = nil, at now: Moment
  ) -> ConnectionFault? {
    for event in events { diagnosis.link.apply(event, at: now) }
    let former = diagnosis.contact
    diagnosis.contact = contact
    switch (former, contact) {
    case (.searching, .searching): return found(location, at: now)
    case (.welcomed, .searching), (.serving, .searching): return lost(former, at: now)
    case (_, .serving):
      (reported, last, dismissal, probe, attempts) = ([], nil, nil, nil, 0)
    default: break
    }
    return nil
  }

  /// The fault that explains why there is no server now, as far as one is certain.
  func fault(at now: Moment) -> ConnectionFault? {
    var diagnosis = diagnosis
    diagnosis.probe = probe?.phase ?? diagnosis.probe
    return diagnosis.fault(at: now) ?? last
  }

  private mutating func found(
    _ location: ConnectionFault?, at now: Moment
  ) -> ConnectionFault? {
    if location == nil { probeIfDue(at: now) }
    last = location ?? diagnosis.fault(at: now, settling: Self.settling) ?? last
    return isCertain || now.since(since) >= Self.patience ? report(last) : nil
  }

  /// Whether waiting longer cannot change the fault.
  private var isCertain: Bool { last?.kind == .unauthorized }

  /// A session has ended: starts a new search.
  private mutating func lost(_ former: WorkerCore.Contact, at now: Moment) -> ConnectionFault? {
    since = now
    probeInterval = Self.shortestInterval
    nextProbe = now.advanced(by: Self.firstProbe)
    (probe, diagnosis.probe, last) = (nil, nil, nil)
    let reason = dismissal.take()
    diagnosis.wasWithoutWeights = former == .welcomed && !hasPieces && reason == nil
    if let reason { last = ConnectionFault(.dropped(reason), endpoint: diagnosis.endpoint) }
    if diagnosis.wasWithoutWeights {
      last = ConnectionFault(.withoutWeights, endpoint: diagnosis.endpoint)
    }
    return report(last)
  }

  private mutating func report(_ fault: ConnectionFault?) -> ConnectionFault? {
    guard let fault, reported.count < Self.mostReported, reported.insert(fault).inserted
    else { return nil }
    return fault
  }

  /// Reads the result of a probe, and starts the next one while there is no connection.
  private mutating func probeIfDue(at now: Moment) {
    if let probe { diagnosis.probe = probe.phase }
    guard let target, now >= nextProbe, isProbeUseful else { return }
    if let probe, case .finished = probe.phase {} else if probe != nil { return }
    probe = EndpointProbe(target)
    nextProbe = now.advanced(by: probeInterval)
    probeInterval = min(probeInterval * 2, Self.longestInterval)
  }

  /// Whether a probe could add a fact: a peer that accepted one connection is not asked again.
  private var isProbeUseful: Bool {
    switch diagnosis.link.stage {
    case .established, .mismatched, .denied: return false
    case .none: return true
    case .connected, .closed:
      if case .finished(.accepted) = diagnosis.probe { return false }
      return true
    }
  }
}
