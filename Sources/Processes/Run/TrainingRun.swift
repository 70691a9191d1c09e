package import Coordination
import Learning
package import Numerics
package import Storage
import Wire
import ZeroMQ

/// A training as its server runs it: it connects the dataset, the core, the socket, the files and
/// the reports.
package struct TrainingRun {
  /// The configuration of a server, apart from its settings.
  package struct Configuration: Sendable {
    /// The endpoint to listen at; its host may be an interface or a name of this host.
    package var endpoint: String
    /// The endpoints that invitations name.
    package var advertisement = Advertisement()
    /// The kernels of the server.
    package var kernels: Kernels
    /// Whether every peer that can connect is admitted, without keys.
    package var isInsecure = false
    /// The limits on connections.
    package var connections = ConnectionGate.Limits()
    /// The policy towards workers and checkpoints.
    package var policy = Policy()
    /// The source of the data, which `settings.json` records for a resume: the absolute path of a
    /// folder, or `generated:N`.
    package var data: String?
    /// The place at which the server answers questions about its health, if any.
    package var health: HealthEndpoint?

    /// Creates a configuration of a server that listens at `endpoint`.
    package init(endpoint: String, kernels: Kernels) {
      self.endpoint = endpoint
      self.kernels = kernels
    }
  }

  /// Limit on the returns to earlier weights, since a faulty worker can join again under another
  /// incarnation.
  private static let mostReplays = 16

  let configuration: Configuration
  let start: RunStart
  let dataset: Dataset
  let display: RunDisplay

  var folder: RunFolder { start.folder }
  var settings: TrainingSettings { start.settings }

  /// Creates a run.
  ///
  /// - Parameter dataset: the dataset that `start` was created with.
  package init(
    _ configuration: Configuration, from start: RunStart, dataset: Dataset, display: RunDisplay
  ) {
    self.configuration = configuration
    var start = start
    start.checkpoints.keepsAnchors = configuration.policy.replaysAudit
    self.start = start
    self.dataset = dataset
    self.display = display
  }

  /// Trains until the run is complete, a signal arrives, or the channel to the launcher is closed.
  ///
  /// - Parameter notifier: the connection to the service manager that started this process.
  /// - Throws: errors of the socket and of the files that the run starts with, each one line. A
  ///   model or report that cannot be written is part of the returned value.
  package func run(
    signals: consuming SignalDescriptor, control: ControlChannel? = nil,
    notifier: ServiceNotifier? = nil
  ) throws -> TrainingOutcome {
    let clock = MonotonicClock()
    let supervision = try Supervision(
      health: configuration.health, notifier: notifier, control: control, clock: clock)
    defer { supervision.close() }
    let now = clock.now
    let context = try Context()
    var server = try ServerProcess(
      core: makeCore(start.state),
      endpoints: ListenAddress.endpoints(of: configuration.endpoint), security: security(),
      connections: configuration.connections, context: context, clock: clock, signals: signals,
      control: control,
      arbiter: Arbiter(
        settings, dataset: dataset, kernels: configuration.kernels, context: context))
    let reserve = DescriptorReserve()
    var recorder = try makeRecorder(start, server.core.plan, reserve, at: now)
    try writeFirstCheckpoint()  // before any worker is answered
    try announce(server.endpoints, health: supervision.endpoint)
    supervision.listens()
    var exit = try run(&server, recorder, supervision)
    var (start, replays) = (start, 0)
    while case .replay(let step) = exit.outcome {
      try start.go(
        backBefore: step, from: server.core.state, dataset: dataset,
        kernels: configuration.kernels)
      logReturn(to: start.state.optimizer.step)
      replays += 1
      server.restart(makeCore(start.state, replays: replays))
      recorder = try makeRecorder(start, server.core.plan, reserve, at: clock.now)
      exit = try run(&server, recorder, supervision)
    }
    supervision.end()
    let seconds = recorder.seconds(at: clock.now)
    let (report, failure) = try reserve.lend {
      try save(server.core, exit.outcome, recorder.progress, seconds: seconds)
    }
    return TrainingOutcome(
      report: report, outcome: exit.outcome, signal: exit.signal,
      workersMayCome: server.core.workersMayCome, failure: failure)
  }

  /// Whether peers need keys.
  var hasKeys: Bool {
    !configuration.isInsecure && !Endpoint.isPrivate(configuration.endpoint)
  }

  /// Who may connect. Missing keys are made.
  private func security() throws -> ServerSecurity {
    guard hasKeys else { return .open }
    try LibraryVersion.checkSecurity()
    let (secret, ring) = try RunKeys(run: folder.path).prepare()
    return .keys(secret, ring)
  }

  private func run(
    _ server: inout ServerProcess, _ recorder: RunRecorder, _ supervision: Supervision
  ) throws -> ServerExit {
    recorder.supervision = supervision
    defer { recorder.finish() }
    return try server.run(recorder)
  }

  private func makeRecorder(
    _ start: RunStart, _ plan: BatchPlan, _ reserve: DescriptorReserve, at now: Moment
  ) throws -> RunRecorder {
    try RunRecorder(
      start, dataset: dataset, facts: facts, plan: plan, display: display, reserve: reserve,
      at: now)
  }

  private var facts: [(name: String, value: String)] {
    [
      ("dataset", dataset.name), ("content", dataset.fingerprint),
      ("kernels", configuration.kernels.variant.rawValue),
    ]
  }

  /// - Parameter replays: the number of returns to earlier weights. A run waits for its workers
  ///   before the first one only.
  private func makeCore(_ state: ServerState, replays: Int = 0) -> ServerCore {
    var policy = configuration.policy
    policy.replaysAudit = policy.replaysAudit && replays < Self.mostReplays
    if replays > 0 { policy.startWith = 1 }
    if configuration.endpoint.hasPrefix("ipc:") { policy.transfers = .withinHost }
    return ServerCore(
      state,
      dataset: DatasetDescription(
        fingerprint: dataset.fingerprint, training: dataset.count(.train),
        validation: dataset.count(.validation), test: dataset.count(.test)),
      incarnation: UInt64.random(in: 1 ... .max), policy: policy,
      auditSeed: UInt64.random(in: 0 ... .max))
  }
}
