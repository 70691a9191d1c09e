import Coordination
import Wire
import ZeroMQ

/// A worker's search for its server: collects the facts, probes the endpoint while there is no
/// connection, and reports each new fault once.
struct ServerSearch {
  private let target: ProbeTarget?
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
  private var reported: ConnectionFault?

  /// Time without a server after which the reason is reported.
  private static let patience = Duration.seconds(3)
  /// Time for libzmq to connect before the endpoint is probed.
  private static let firstProbe = Duration.milliseconds(200)
  private static let shortestInterval = Duration.seconds(2)
  private static let longestInterval = Duration.seconds(16)
  /// Age from which a silent connection is a fault; shorter than the interval between hellos.
  private static let settling = Duration.milliseconds(800)

  /// Creates a search that begins now.
  init(for endpoint: String, at now: Moment) {
    target = ProbeTarget(endpoint)
    diagnosis = ConnectionDiagnosis(endpoint: endpoint, link: LinkState(at: now))
    since = now
    nextProbe = now.advanced(by: Self.firstProbe)
  }

  /// Whether the worker is serving and ``update(_:events:at:)`` has recorded it.
  func isOver(_ contact: WorkerCore.Contact) -> Bool {
    contact == .serving && diagnosis.contact == .serving
  }

  /// Whether the worker was in a session at the last update.
  var isInSession: Bool { diagnosis.contact != .searching }

  /// Records that the connection was replaced by a new one.
  mutating func reconnected(at now: Moment) { diagnosis.link = LinkState(at: now) }

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
  /// - Returns: a fault to report, each once.
  mutating func update(
    _ contact: WorkerCore.Contact, events: [ConnectionMonitor.Event], at now: Moment
  ) -> ConnectionFault? {
    for event in events { diagnosis.link.apply(event, at: now) }
    let former = diagnosis.contact
    diagnosis.contact = contact
    switch (former, contact) {
    case (.searching, .searching): return found(at: now)
    case (.welcomed, .searching), (.serving, .searching): return lost(former, at: now)
    case (_, .serving): (reported, last, dismissal, probe) = (nil, nil, nil, nil)
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

  private mutating func found(at now: Moment) -> ConnectionFault? {
    probeIfDue(at: now)
    last = diagnosis.fault(at: now, settling: Self.settling) ?? last
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
    guard let fault, fault != reported else { return nil }
    reported = fault
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
