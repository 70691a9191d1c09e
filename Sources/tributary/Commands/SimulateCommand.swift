import ArgumentParser
import Coordination
import Processes
import Simulation

/// The command that simulates whole runs on a virtual clock with injected faults.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Check the coordination in simulated runs on a virtual clock with random faults.",
    discussion: """
      Each schedule is a whole training with the real server and worker logic, but with numbers \
      instead of gradients. The simulated network loses, repeats and delays messages and has slow \
      links and full queues, and processes are killed, frozen and restarted. A schedule depends \
      on its seed only, so every failure can be repeated. The command stops at the first schedule \
      that breaks a rule, prints the end of its log, and exits with code 1.
      """)

  @Option(
    help: ArgumentHelp(
      "Seed of the first schedule; each further schedule uses the next number. (default: 1)",
      valueName: "number"), transform: parseSeed)
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Number of schedules to run.", valueName: "number"))
  var schedules = 1000

  @Option(
    help: ArgumentHelp(
      "Mode of the training: sync, async or bounded. (default: chosen by the seed)",
      valueName: "name"),
    completion: .list(Mode.allCases.map(\.rawValue)), transform: parseMode)
  var mode: Mode?

  @Flag(help: "Print the log of every schedule.")
  var log = false

  @Flag(help: "Print every seed before its schedule runs.")
  var verbose = false

  /// The number of log lines that are printed for a schedule that failed.
  private static let tail = 60

  @Sendable
  private static func parseSeed(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("--seed cannot be '\(text)'; use 0 to \(UInt64.max)")
    }
    return seed
  }

  @Sendable
  private static func parseMode(_ text: String) throws -> Mode {
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
      if log { print("seed \(seed): the fingerprint of the log is \(outcome.fingerprint)") }
      guard outcome.violation == nil else { throw fail(seed, simulator, after: index + 1) }
      events += outcome.events
      lives += outcome.serverIncarnations
      if (index + 1).isMultiple(of: 1000) { report(index + 1, events, since: start) }
    }
    print(
      "\(schedules) schedules, \(events) events, \(lives) server starts, no rule broken, "
        + "in \(start.duration(to: .now))")
  }

  private func report(_ count: Int, _ events: Int, since start: ContinuousClock.Instant) {
    Console.shared.line("\(count) schedules, \(events) events, \(start.duration(to: .now))")
  }

  /// Repeats the schedule, and prints its failure and the end of its log.
  private func fail(_ seed: UInt64, _ simulator: Simulator, after count: Int) -> ExitCode {
    let outcome = simulator.run(seed: seed, isLogged: true)
    for line in outcome.log.suffix(Self.tail) { print(line) }
    let mode = mode.map { " --mode \($0.rawValue)" } ?? ""
    let violation = outcome.violation.map { "\($0)" } ?? "the failure was not repeated"
    return Failure.exit(
      .ruleBroken,
      "schedule \(count) with seed \(seed) in mode \(outcome.mode.rawValue): \(violation); to "
        + "print the whole log, run tributary simulate --seed \(seed) --schedules 1 --log\(mode)")
  }
}
