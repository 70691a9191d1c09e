package import Coordination

/// Runs schedules: one for each seed, each the same every time.
package struct Simulator: Sendable {
  /// What became of a schedule.
  package struct Outcome: Sendable {
    /// The seed.
    package let seed: UInt64
    /// The mode that was trained in.
    package let mode: Mode
    /// Events until the end.
    package let events: Int
    /// Lives of the server until the end.
    package let serverLives: Int
    /// The rule that was broken, if one was.
    package let violation: Violation?
    /// What happened, if that was asked for.
    package let log: [String]
    /// FNV-1a over the log.
    package let fingerprint: UInt64
  }

  private let mode: Mode?

  /// A simulator of trainings in one mode, or in any.
  package init(mode: Mode? = nil) {
    self.mode = mode
  }

  /// Runs the schedule of a seed.
  ///
  /// - Parameter isLogged: whether to say what happens, which takes ten times as long.
  package func run(seed: UInt64, isLogged: Bool = false) -> Outcome {
    Self.run(Scenario(seed: seed, mode: mode), isLogged: isLogged)
  }

  /// Runs a scenario.
  package static func run(_ scenario: Scenario, isLogged: Bool = false) -> Outcome {
    do throws(Violation) {
      var cluster = try SimulatedCluster(scenario, isLogged: isLogged)
      let violation = cluster.course()
      return outcome(of: scenario, cluster, violation)
    } catch {
      return Outcome(
        seed: scenario.seed, mode: scenario.settings.mode, events: 0, serverLives: 0,
        violation: error, log: [], fingerprint: 0)
    }
  }

  private static func outcome(
    of scenario: Scenario, _ cluster: SimulatedCluster, _ violation: Violation?
  ) -> Outcome {
    Outcome(
      seed: scenario.seed, mode: scenario.settings.mode, events: cluster.eventCount,
      serverLives: cluster.server.life, violation: violation, log: cluster.log.lines,
      fingerprint: cluster.log.fingerprint)
  }
}
