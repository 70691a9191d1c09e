/// The state of a run: the server's answer to ``Message/inquiry``.
package struct RunStatus: Sendable, Hashable {
  /// The work of a run at a time.
  package enum Phase: UInt8, Sendable, Hashable, CaseIterable {
    /// There are fewer ready workers than the run needs.
    case waiting = 1
    /// Workers compute gradients.
    case training = 2
    /// Workers evaluate the weights.
    case evaluating = 3
    /// All steps were made, and the final evaluation was computed.
    case complete = 4
    /// The run has ended early, and may be resumed.
    case stopped = 5
    /// The training diverged.
    case diverged = 6
  }

  /// Name of the recipe, and `sync`, `async` or `bounded`.
  package var recipe: String, mode: String
  /// The work of the run now.
  package var phase: Phase
  /// Updates made, and updates of the whole run.
  package var step: UInt64, steps: UInt64
  /// Epoch of the last update, counted from 0, and training samples in the weights.
  package var epoch: UInt64, samples: UInt64
  /// Workers with a session, those of them that are ready, and those that the run needs now.
  package var workers: UInt32, readyWorkers: UInt32, neededWorkers: UInt32
  /// Mean cross entropy and share of correct samples in the batch of the last update; NaN if this
  /// server has made none.
  package var loss: Double, accuracy: Double
  /// Training samples per second over about the last second, 0 while the run does not train.
  package var samplesPerSecond: Double
  /// Mean and maximum staleness of the updates of this server, in versions of the weights.
  package var stalenessMean: Double, stalenessMaximum: UInt64
  /// Samples evaluated and samples to evaluate of the split that is evaluated now, otherwise 0.
  package var evaluated: UInt64, evaluationTotal: UInt64

  /// Creates the state of a run that has made no updates.
  package init(
    recipe: String, mode: String, phase: Phase, step: UInt64 = 0, steps: UInt64 = 0,
    epoch: UInt64 = 0, samples: UInt64 = 0
  ) {
    self.recipe = recipe
    self.mode = mode
    self.phase = phase
    self.step = step
    self.steps = steps
    self.epoch = epoch
    self.samples = samples
    (workers, readyWorkers, neededWorkers) = (0, 0, 0)
    (loss, accuracy, samplesPerSecond, stalenessMean) = (.nan, .nan, 0, 0)
    (stalenessMaximum, evaluated, evaluationTotal) = (0, 0, 0)
  }

  func write(to writer: inout ByteWriter) {
    writer.write(recipe)
    writer.write(mode)
    writer.write(phase.rawValue)
    for value in [step, steps, epoch, samples] { writer.write(value) }
    for value in [workers, readyWorkers, neededWorkers] { writer.write(value) }
    for value in [loss, accuracy, samplesPerSecond, stalenessMean] { writer.write(value) }
    for value in [stalenessMaximum, evaluated, evaluationTotal] { writer.write(value) }
  }

  init(from body: inout BodyReader) throws(WireError) {
    recipe = try body.text("status.recipe")
    mode = try body.text("status.mode")
    phase = try body.reader.value("status.phase")
    step = try body.reader.uint64("status.step")
    steps = try body.reader.uint64("status.steps")
    epoch = try body.reader.uint64("status.epoch")
    samples = try body.reader.uint64("status.samples")
    workers = try body.reader.uint32("status.workers")
    readyWorkers = try body.reader.uint32("status.readyWorkers")
    neededWorkers = try body.reader.uint32("status.neededWorkers")
    loss = try body.reader.double("status.loss")
    accuracy = try body.reader.double("status.accuracy")
    samplesPerSecond = try body.reader.double("status.samplesPerSecond")
    stalenessMean = try body.reader.double("status.stalenessMean")
    stalenessMaximum = try body.reader.uint64("status.stalenessMaximum")
    evaluated = try body.reader.uint64("status.evaluated")
    evaluationTotal = try body.reader.uint64("status.evaluationTotal")
  }
}
