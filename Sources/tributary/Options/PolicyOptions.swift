import ArgumentParser
import Coordination

/// The options for a server's workers and checkpoints; none of them affects the result.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Interval between checkpoints: a number of steps, a time such as 30s or 5m, or never.",
      discussion: "The first and the final state are always written.",
      valueName: "steps|time|never"))
  var checkpointEvery = "30s"

  @Option(
    help: ArgumentHelp(
      "Time without a message after which a worker is evicted.", valueName: "seconds"))
  var workerTimeout = 5.0

  @Option(
    help: ArgumentHelp(
      "Number of workers with which the training starts; it waits once for so many.",
      valueName: "number"))
  var startWith = 1

  @Option(
    help: ArgumentHelp(
      "Smallest number of workers; with fewer, the training waits at any time.",
      valueName: "number"))
  var minWorkers = 1

  @Option(
    help: ArgumentHelp(
      "Greatest number of workers; the server refuses further ones.", valueName: "number"))
  var maxWorkers = 1024

  @Option(
    help: ArgumentHelp(
      "Time that the server waits while there are too few workers, before it exits.",
      valueName: "seconds"))
  var waitForWorkers = 600.0

  @Option(
    help: ArgumentHelp(
      "Time that a worker looks for this server after it has lost it, before it exits.",
      valueName: "seconds"))
  var workerPatience = 600.0

  @Option(
    help: ArgumentHelp(
      "Splits evaluated with the final weights: all, test or none.", valueName: "all|test|none"),
    completion: .list(FinalEvaluation.allCases.map(\.rawValue)))
  var finalEvaluation = FinalEvaluation.all.rawValue

  @Option(
    help: ArgumentHelp(
      "Share of the training leases that a second worker computes, too, to compare both results: "
        + "0 to 1. In mode sync only.",
      discussion: "A worker whose result differs from the server's own is quarantined.",
      valueName: "share"))
  var audit = 0.0

  @Flag(
    help: ArgumentHelp(
      "Compute the training again from the last weights without results of a worker that the "
        + "audit has found to be faulty."))
  var auditReplay = false

  private static let mostWorkers = 16_384
  private static let timeouts = 1.0...86_400
  private static let leastStall = 10.0

  func validate() throws { _ = try policy() }

  /// Returns the policy that the options describe.
  ///
  /// - Throws: `ValidationError`, naming the option, the value and the remedy.
  func policy() throws -> Policy {
    try check(workerTimeout, "--worker-timeout")
    try check(waitForWorkers, "--wait-for-workers")
    try check(workerPatience, "--worker-patience")
    let counts = [
      ("--start-with", startWith), ("--min-workers", minWorkers), ("--max-workers", maxWorkers),
    ]
    for (flag, count) in counts {
      guard (1...Self.mostWorkers).contains(count) else {
        throw ValidationError("\(flag) cannot be \(count); use 1 to \(Self.mostWorkers)")
      }
    }
    for (flag, count) in counts.dropLast() where count > maxWorkers {
      throw ValidationError(
        "\(flag) cannot be \(count) with --max-workers \(maxWorkers); "
          + "use \(maxWorkers) or fewer")
    }
    guard let finalEvaluation = FinalEvaluation(rawValue: finalEvaluation) else {
      throw ValidationError(
        "--final-evaluation cannot be '\(finalEvaluation)'; use all, test or none")
    }
    try checkAudit()
    var policy = Policy(
      timing: timing, startWith: startWith, minimumWorkers: minWorkers, maximumWorkers: maxWorkers,
      checkpoints: try checkpoints(), finalEvaluation: finalEvaluation)
    policy.auditShare = audit
    policy.replaysAudit = auditReplay
    return policy
  }

  private func checkAudit() throws {
    guard (0...1).contains(audit) else {
      throw ValidationError("--audit cannot be \(audit.optionText); use 0 to 1")
    }
    guard audit > 0 || !auditReplay else {
      throw ValidationError("--audit-replay has no effect without --audit; add --audit 0.05")
    }
  }

  /// Checks that results of this mode can be compared.
  ///
  /// - Throws: `ValidationError`.
  func checkAudit(_ mode: Mode) throws {
    guard audit == 0 || mode == .sync else {
      throw ValidationError(
        "--audit cannot be \(audit.optionText) in mode \(mode.rawValue), in which no two workers "
          + "compute with the same weights; use 0, or --mode sync")
    }
  }

  private var timing: Timing {
    Timing(
      heartbeat: .seconds(min(1, workerTimeout / 5)), silence: .seconds(workerTimeout),
      stall: .seconds(max(Self.leastStall, 2 * workerTimeout)), absence: .seconds(waitForWorkers),
      patience: .seconds(workerPatience))
  }

  private func check(_ seconds: Double, _ flag: String) throws {
    guard Self.timeouts.contains(seconds) else {
      throw ValidationError("\(flag) cannot be \(seconds.optionText); use 1 to 86400 seconds")
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

extension Double {
  /// The number as a user writes it: without a fraction if it is whole.
  var optionText: String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}
