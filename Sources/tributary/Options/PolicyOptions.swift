import ArgumentParser
import Coordination

/// How a server deals with its workers and its state; nothing of it changes what is computed.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How often the state is written down: a number of steps, a time such as 30s or 5m, or never.",
      discussion: "The beginning and the end are always written.", valueName: "steps|time|never"))
  var checkpointEvery = "30s"

  @Option(
    help: ArgumentHelp("Silence after which a worker counts as lost.", valueName: "seconds"))
  var workerTimeout = 5.0

  @Option(help: "Workers below which the training waits.")
  var minWorkers = 1

  @Option(help: "Workers above which no other is taken.")
  var maxWorkers = PolicyOptions.mostWorkers

  @Option(
    help: ArgumentHelp(
      "How long the server waits when there are too few workers.", valueName: "seconds"))
  var waitForWorkers = 600.0

  @Option(
    help: ArgumentHelp(
      "Splits evaluated with the final weights: all, test or none.", valueName: "all|test|none"))
  var finalEvaluation = FinalEvaluation.all.rawValue

  private static let mostWorkers = 1024
  private static let timeouts = 1.0...86_400
  private static let leastStall = 10.0

  func validate() throws { _ = try policy() }

  /// The policy that these options amount to.
  ///
  /// - Throws: `ValidationError`, naming the flag's value and the remedy.
  func policy() throws -> Policy {
    try check(workerTimeout, "--worker-timeout")
    try check(waitForWorkers, "--wait-for-workers")
    for (flag, count) in [("--min-workers", minWorkers), ("--max-workers", maxWorkers)] {
      guard (1...Self.mostWorkers).contains(count) else {
        throw ValidationError("\(flag) cannot be \(count); use 1 to \(Self.mostWorkers)")
      }
    }
    guard minWorkers <= maxWorkers else {
      throw ValidationError(
        "--min-workers cannot be \(minWorkers) with --max-workers \(maxWorkers); "
          + "use \(maxWorkers) or fewer")
    }
    guard let finalEvaluation = FinalEvaluation(rawValue: finalEvaluation) else {
      throw ValidationError(
        "--final-evaluation cannot be '\(finalEvaluation)'; use all, test or none")
    }
    return Policy(
      timing: timing, minimumWorkers: minWorkers, maximumWorkers: maxWorkers,
      checkpoints: try checkpoints(), finalEvaluation: finalEvaluation)
  }

  private var timing: Timing {
    Timing(
      heartbeat: .seconds(min(1, workerTimeout / 5)), silence: .seconds(workerTimeout),
      stall: .seconds(max(Self.leastStall, 2 * workerTimeout)), absence: .seconds(waitForWorkers))
  }

  private func check(_ seconds: Double, _ flag: String) throws {
    guard Self.timeouts.contains(seconds) else {
      throw ValidationError("\(flag) cannot be \(seconds); use 1 to 86400 seconds")
    }
  }

  private func checkpoints() throws -> CheckpointInterval {
    if checkpointEvery == "never" { return .never }
    if let steps = UInt64(checkpointEvery), steps > 0 { return .steps(steps) }
    let units = ["s": 1.0, "m": 60, "h": 3600]
    guard let unit = checkpointEvery.last.flatMap({ units[String($0)] }),
      let count = Double(checkpointEvery.dropLast()), (0.1...86_400).contains(count * unit)
    else {
      throw ValidationError(
        "--checkpoint-every cannot be '\(checkpointEvery)'; use a number of steps from 1, "
          + "a time from 0.1s to 24h, or never")
    }
    return .time(.seconds(count * unit))
  }
}
