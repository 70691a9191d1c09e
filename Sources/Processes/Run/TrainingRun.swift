package import Coordination
import Learning
package import Logging
package import Numerics
package import Storage
package import Telemetry
import Wire
import ZeroMQ

/// A whole training as its server sees it: dataset, core, socket, files and reports.
package struct TrainingRun {
  /// What a run is made of.
  package struct Configuration: Sendable {
    /// Where the server listens.
    package var endpoint: String
    /// The kernels of the server.
    package var kernels: Kernels
    /// How the server deals with its workers.
    package var policy = Policy()

    /// A run whose server listens at `endpoint`.
    package init(endpoint: String, kernels: Kernels) {
      self.endpoint = endpoint
      self.kernels = kernels
    }
  }

  /// Where a run tells people how it goes.
  package struct Audience {
    /// For events.
    package var logger: Logger
    /// Is told the state of the run, about ten times a second.
    package var progress: (RunProgress, Moment) -> Void
    /// Is told every update.
    package var step: (StepReport) -> Void

    /// An audience.
    package init(
      logger: Logger, progress: @escaping (RunProgress, Moment) -> Void,
      step: @escaping (StepReport) -> Void
    ) {
      self.logger = logger
      self.progress = progress
      self.step = step
    }
  }

  /// What came of a run.
  package struct Result {
    /// How it went.
    package let report: RunReport
    /// How it ended.
    package let outcome: Outcome
    /// The signal that ended it early.
    package let signal: SignalDescriptor.Signal?
    /// Whether others may start workers for this server.
    package let workersMayCome: Bool
  }

  let configuration: Configuration
  let start: RunStart
  let dataset: Dataset
  let audience: Audience

  var folder: RunFolder { start.folder }
  var settings: TrainingSettings { start.settings }

  /// A run on `dataset`, which is that of the start.
  package init(
    _ configuration: Configuration, from start: RunStart, dataset: Dataset, audience: Audience
  ) {
    self.configuration = configuration
    self.start = start
    self.dataset = dataset
    self.audience = audience
  }

  /// Trains to the end, or until a signal comes, or the end of the channel to the launcher.
  ///
  /// - Throws: errors of the socket and the files, each one line.
  package func run(
    signals: consuming SignalDescriptor, control: ControlChannel? = nil
  ) throws -> Result {
    let clock = MonotonicClock()
    let start = clock.now
    let context = try Context()
    var server = try ServerProcess(
      core: makeCore(), endpoint: configuration.endpoint, context: context, clock: clock,
      signals: signals, control: control)
    let board = try makeBoard(start: start)
    defer { write(board) { try $0.flush() } }
    let history = try readHistory(server.core.plan)
    let metrics = try makeMetrics(history, start: start)
    try writeBeginning()  // before anybody is answered
    try announce(server.endpoint)

    let writer = makeWriter()
    let observer = RunObserver(
      self, history.progress, metrics: metrics, board: board, writer: writer)
    let result = try server.run(observer)
    writer.finish()
    tell(writer.takeOutcomes())
    let report = try save(
      server.core, result.outcome, observer.progress,
      seconds: history.seconds + clock.now.since(start).seconds)
    try writingMetrics { try metrics.flush() }
    return Result(
      report: report, outcome: result.outcome, signal: result.signal,
      workersMayCome: server.core.workersMayCome)
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
}
