package import Coordination
package import Logging
package import Telemetry

/// The outputs of a run for its user.
package struct RunDisplay {
  /// The logger for events.
  package var logger: Logger
  /// Called with the state of the run about ten times a second.
  package var progress: (RunProgress, Moment) -> Void
  /// Called for each update.
  package var step: (StepReport) -> Void

  /// Creates a display from its parts.
  package init(
    logger: Logger, progress: @escaping (RunProgress, Moment) -> Void,
    step: @escaping (StepReport) -> Void
  ) {
    self.logger = logger
    self.progress = progress
    self.step = step
  }
}
