public import Coordination
import Learning
public import Logging
public import Storage
public import Telemetry
public import Tensors
import Wire
import ZeroMQ

/// A whole training as its server sees it: dataset, core, socket, files, reports, and the workers
/// of this host if it is to start any.
public struct TrainingRun {
  /// What a run is made of.
  public struct Configuration: Sendable {
    /// Where the server listens; nil for a private ipc endpoint.
    public var endpoint: String?
    /// Workers to start on this host.
    public var workers: Int
    /// Arguments for these workers, after those that every worker gets.
    public var workerArguments: [String]
    /// The kernels of the server.
    public var kernels: Kernels
    /// How the server deals with its workers.
    public var policy = Policy()

    /// A run with workers of its own, or with none.
    public init(
      endpoint: String?, workers: Int, workerArguments: [String], kernels: Kernels
    ) {
      self.endpoint = endpoint
      self.workers = workers
      self.workerArguments = workerArguments
      self.kernels = kernels
    }
  }

  /// Where a run tells people how it goes.
  public struct Audience {
    /// For events.
    public var logger: Logger
    /// Is told the state of the run, about ten times a second.
    public var progress: (RunProgress, Moment) -> Void
    /// Is told every update.
    public var step: (StepReport) -> Void

    /// An audience.
    public init(
      logger: Logger, progress: @escaping (RunProgress, Moment) -> Void,
      step: @escaping (StepReport) -> Void
    ) {
      self.logger = logger
      self.progress = progress
      self.step = step
    }
  }

  /// What came of a run.
  public struct Result {
    /// How it went.
    public let report: RunReport
    /// How it ended.
    public let outcome: Outcome
    /// The signal that ended it early.
    public let signal: SignalDescriptor.Signal?
    /// Whether others may start workers for this server.
    public let workersMayCome: Bool
    /// The exit code of the first worker process that failed.
    public let workerFailure: Int32?
  }

  let configuration: Configuration
  let start: RunStart
  let dataset: Dataset
  let audience: Audience

  var folder: RunFolder { start.folder }
  var settings: TrainingSettings { start.settings }

  /// A run on `dataset`, which is that of the start.
  public init(
    _ configuration: Configuration, from start: RunStart, dataset: Dataset, audience: Audience
  ) {
    self.configuration = configuration
    self.start = start
    self.dataset = dataset
    self.audience = audience
  }

  /// Trains to the end, or until a signal comes.
  ///
  /// - Throws: errors of the socket, the files and the launcher, each one line.
  public func run(signals: consuming SignalDescriptor) throws -> Result {
    let clock = MonotonicClock()
    let start = clock.now
    let context = try Context()
    let privateFolder = try configuration.endpoint == nil ? PrivateFolder() : nil
    defer { privateFolder?.remove() }
    let endpoint = configuration.endpoint ?? "ipc://\(privateFolder?.path ?? ".")/server"
    var server = try ServerProcess(
      core: makeCore(), endpoint: endpoint, context: context, clock: clock, signals: signals)
    let board = try makeBoard(start: start)
    defer { write(board) { try $0.flush() } }
    let history = try readHistory(server.core.plan)
    let metrics = try makeMetrics(history, start: start)
    try writeBeginning()  // before anybody is answered
    try announce(server.endpoint)
    let cluster = try startWorkers(server.endpoint)
    defer { cluster?.stop() }

    let writer = makeWriter()
    let observer = RunObserver(
      self, history.progress, metrics: metrics, board: board, writer: writer, cluster: cluster)
    let result = try server.run(observer)
    cluster?.stop()
    writer.finish()
    tell(writer.takeOutcomes())
    let report = try save(
      server.core, result.outcome, observer.progress,
      seconds: history.seconds + clock.now.since(start).seconds)
    try writingMetrics { try metrics.flush() }
    return Result(
      report: report, outcome: result.outcome, signal: result.signal,
      workersMayCome: server.core.workersMayCome, workerFailure: cluster?.firstFailure)
  }

  private func makeCore() -> ServerCore {
    ServerCore(
      start.state,
      dataset: DatasetDescription(
        fingerprint: dataset.fingerprint, training: dataset.count(.train),
        validation: dataset.count(.validation), test: dataset.count(.test)),
      incarnation: UInt64.random(in: 1 ... .max), policy: configuration.policy)
  }

  private func makeWriter() -> CheckpointWriter {
    CheckpointWriter { [checkpoints = start.checkpoints, dataset] state in
      try checkpoints.write(Checkpoint(state, dataset: dataset))
    }
  }

  private func startWorkers(_ endpoint: String) throws(ProcessError) -> LocalCluster? {
    guard configuration.workers > 0 else { return nil }
    let plan = LocalCluster.Plan(
      workers: configuration.workers, executable: LocalCluster.thisProgram,
      arguments: configuration.workerArguments)
    return try LocalCluster(plan, endpoint: endpoint, logger: audience.logger)
  }
}
