import ArgumentParser
import Coordination
import Processes
import Simulation

/// Whole runs on a virtual clock, in which everything goes wrong that can.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Run the coordination on a virtual clock with seeded faults, and check it.",
    discussion: """
      Each schedule is a whole training: the real server and workers, with numbers in the place of \
      gradients, over a network that loses, repeats and delays messages, with processes that are \
      killed, frozen and restarted. A seed decides everything, and the same seed gives the same \
      schedule again. The first schedule that breaks a rule is shown, and ends with code 1.
      """)

  @Option(help: "Seed of the first schedule; the others follow it.")
  var seed: UInt64 = 1

  @Option(help: "Schedules to run.")
  var schedules = 1000

  @Option(
    help: "Mode to train in: sync, async or bounded. (default: drawn from the seed)",
    transform: parse)
  var mode: Mode?

  @Flag(help: "Print all that happens.")
  var log = false

  @Flag(help: "Name every seed before its schedule runs.")
  var verbose = false

  /// Lines of the log that are shown of a schedule that failed.
  private static let tail = 60

  @Sendable
  private static func parse(_ text: String) throws -> Mode {
    guard let mode = Mode(rawValue: text) else {
      throw ValidationError("--mode cannot be '\(text)'; use sync, async or bounded")
    }
    return mode
  }

  func validate() throws {
    guard schedules >= 1 else {
      throw ValidationError("--schedules cannot be \(schedules); use 1 or more")
    }
  }

  func run() throws {
    let simulator = Simulator(mode: mode)
    let start = ContinuousClock.now
    var (events, lives) = (0, 0)
    for index in 0..<schedules {
      let seed = seed &+ UInt64(index)
      if verbose { Console.shared.line("seed \(seed)") }
      let outcome = simulator.run(seed: seed, isLogged: log)
      if log { print(outcome.log.joined(separator: "\n")) }
      if log { print("seed \(seed): the log's fingerprint is \(outcome.fingerprint)") }
      guard outcome.violation == nil else { throw fail(seed, simulator, after: index + 1) }
      events += outcome.events
      lives += outcome.serverIncarnations
      if (index + 1).isMultiple(of: 1000) { tell(index + 1, events, since: start) }
    }
    print(
      "\(schedules) schedules, \(events) events, \(lives) lives of servers, no rule broken, "
        + "in \(start.duration(to: .now))")
  }

  private func tell(_ count: Int, _ events: Int, since start: ContinuousClock.Instant) {
    Console.shared.line("\(count) schedules, \(events) events, \(start.duration(to: .now))")
  }

  /// Runs the schedule once more, and says how it failed.
  private func fail(_ seed: UInt64, _ simulator: Simulator, after count: Int) -> ExitCode {
    let outcome = simulator.run(seed: seed, isLogged: true)
    for line in outcome.log.suffix(Self.tail) { print(line) }
    let mode = mode.map { " --mode \($0.rawValue)" } ?? ""
    let violation = outcome.violation.map { "\($0)" } ?? "it did not fail again"
    return Failure.exit(
      .ruleBroken,
      "schedule \(count) of seed \(seed) in mode \(outcome.mode.rawValue): \(violation); see all "
        + "of it with tributary simulate --seed \(seed) --schedules 1 --log\(mode)")
  }
}
