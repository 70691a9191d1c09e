import ArgumentParser
import Coordination
import Foundation
import Learning
import Logging
import Processes
import Storage
import Wire
import ZeroMQ

/// The command that runs a worker for a server.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Compute gradients for a parameter server.",
    discussion: """
      Any number of workers can connect to a server, at any time. A worker whose server restarts \
      reconnects; it exits when the run is complete.
      """)

  @OptionGroup var server: JoinOptions

  @Option(help: "Name of the worker in logs and reports. (default: HOST-PROCESS)")
  var name: String?

  @Option(
    help: ArgumentHelp(
      "Recipe that the server must have; the worker exits if it has another.", valueName: "name"),
    completion: .list(Recipe.presets.map(\.name)))
  var recipe: String?

  @Option(
    help: ArgumentHelp(
      "Time that the worker looks for its first server before it exits. One that it has lost has "
        + "its own limit: --worker-patience of the server.", valueName: "seconds"))
  var connectTimeout = 30.0

  @Option(
    help: ArgumentHelp(
      "Fault injection: factor by which every lease takes longer, to simulate a straggler.",
      valueName: "factor"))
  var slowDown = 1.0

  /// The place at which the worker kills itself: fault injection for tests.
  @Option(help: .hidden)
  var crashAt: String?

  /// The lease at which the worker hangs: fault injection for tests.
  @Option(help: .hidden)
  var hangAt: Int?

  /// The training leases from one wrong gradient to the next: fault injection for tests.
  @Option(help: .hidden)
  var flipBitEvery: Int?

  @Flag(help: .hidden)
  var endWithInput = false

  @Flag(help: "Print warnings and errors only.")
  var quiet = false

  @OptionGroup var data: DataOptions

  func validate() throws {
    guard connectTimeout > 0, connectTimeout <= 86_400 else {
      throw ValidationError(
        "--connect-timeout cannot be \(connectTimeout.optionText); use up to 86400 seconds"
      )
    }
    guard slowDown >= 1, slowDown <= 1000 else {
      throw ValidationError("--slow-down cannot be \(slowDown.optionText); use 1 to 1000")
    }
    guard hangAt.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--hang-at cannot be \(hangAt ?? 0); use 1 or more")
    }
    guard flipBitEvery.map({ $0 > 0 }) ?? true else {
      throw ValidationError("--flip-bit-every cannot be \(flipBitEvery ?? 0); use 1 or more")
    }
    _ = try crashPoint()
    guard let name else { return }
    guard (1...64).contains(name.utf8.count) else {
      throw ValidationError("--name has \(name.utf8.count) bytes; use 1 to 64")
    }
  }

  func run() throws {
    try Failure.report {
      let notifier = ServiceNotifier.takeFromEnvironment()
      if let recipe { _ = try Recipe.preset(named: recipe) }
      let location = try server.location()
      let kernels = try data.testedKernels()
      let signals = try SignalDescriptor()
      if endWithInput { signals.resumeOnParentExit() }
      let dataset = try data.load(quietly: quiet)
      let hello = Hello(
        name: name ?? Self.defaultName, incarnation: UInt64.random(in: 1 ... .max),
        dataset: dataset.fingerprint, recipe: recipe ?? "")
      var configuration = WorkerProcess.Configuration(hello: hello)
      configuration.endsWithInput = endWithInput
      configuration.timing = Timing(connect: .milliseconds(Int64(connectTimeout * 1000)))
      let faults = try faults()
      let finding = MemoryCheckedRunner.Finding()
      let context = try Context()
      var worker = try WorkerProcess(
        configuration,
        connection: faults.inject(into: ServerConnection(to: location, context: context)),
        context: context, signals: signals,
        logger: ConsoleLogHandler.logger(quiet ? .warning : .info)
      ) { progress in
        let runner = MemoryCheckedRunner(
          LeaseRunner(dataset: dataset, kernels: kernels, progress: progress), dataset: dataset,
          finding: finding)
        return faults.inject(into: runner, progress: progress)
      }
      let exit = try worker.run(notifier)
      if let shortage = finding.shortage { throw shortage }
      let (status, message) = Failure.ending(
        exit, endpoint: location.description, isLaunched: endWithInput)
      try Failure.end(with: status, message)
    }
  }

  private func faults() throws -> WorkerFaults {
    var faults = WorkerFaults(crash: try crashPoint())
    faults.hang = hangAt
    faults.slowDown = slowDown
    faults.flip = flipBitEvery
    return faults
  }

  private func crashPoint() throws -> CrashPoint? {
    guard let crashAt else { return nil }
    guard let point = CrashPoint(crashAt) else {
      let places = CrashPoint.Place.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--crash-at cannot be '\(crashAt)'; use PLACE or PLACE:N of \(places)")
    }
    return point
  }

  private static var defaultName: String {
    let info = ProcessInfo.processInfo
    let name = "\(info.hostName)-\(info.processIdentifier)"
    return String(decoding: name.utf8.suffix(64), as: UTF8.self)
  }
}
