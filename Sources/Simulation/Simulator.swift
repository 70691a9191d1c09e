package import Coordination

/// Runner of schedules. A seed determines a schedule completely.
package struct Simulator: Sendable {
  /// The outcome of a schedule.
  package struct Outcome: Sendable {
    /// The seed.
    package let seed: UInt64
    /// The mode of the training.
    package let mode: Mode
    /// The number of simulated events.
    package let events: Int
    /// The number of server processes that were started.
    package let serverIncarnations: Int
    /// The violated invariant, if any.
    package let violation: Violation?
    /// The log of events; empty unless requested.
    package let log: [String]
    /// FNV-1a hash of the log.
    package let fingerprint: UInt64
  }

  private let mode: Mode?

  /// Creates a simulator of trainings in the given mode, or in a mode drawn from the seed.
  package init(mode: Mode? = nil) {
    self.mode = mode
  }

  /// Runs the schedule of a seed.
  ///
  /// - Parameter isLogged: Whether to log events, which takes about ten times as long.
  package func run(seed: UInt64, isLogged: Bool = false) -> Outcome {
    Self.run(Scenario(seed: seed, mode: mode), isLogged: isLogged)
  }

  /// Runs a scenario.
  package static func run(_ scenario: Scenario, isLogged: Bool = false) -> Outcome {
    do throws(Violation) {
      var cluster = try SimulatedCluster(scenario, isLogged: isLogged)
      let violation = cluster.firstViolation()
      return outcome(of: scenario, cluster, violation)
    } catch {
      return Outcome(
        seed: scenario.seed, mode: scenario.settings.mode, events: 0, serverIncarnations: 0,
        violation: error, log: [], fingerprint: 0)
    }
  }

  private static func outcome(
    of scenario: Scenario, _ cluster: SimulatedCluster, _ violation: Violation?
  ) -> Outcome {
    Outcome(
      seed: scenario.seed, mode: scenario.settings.mode, events: cluster.eventCount,
      serverIncarnations: cluster.server.incarnation, violation: violation, log: cluster.log.lines,
      fingerprint: cluster.log.fingerprint)
  }
}
