import ArgumentParser
import Bench
import Numerics
import Processes

/// `tributary bench server`: the parameter server with stand-in workers.
struct BenchServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Measure the server alone, with stand-in workers that compute nothing.",
    discussion: """
      Recipe v1 in mode async: a round trip is a gradient pushed, checked, clipped and applied by \
      Adam, and the new weights pulled. Megabytes are those of both tensors. They are compared \
      with the bytes that one core copies from memory to memory in the same run. The stand-in \
      workers run in this process, in up to four threads, and share its cores with the server.
      """)

  @Option(help: "Numbers of connections.")
  var connections = NumberList([1, 2, 8, 32, 128])

  @Option(help: "ipc, tcp or both.", completion: .list(["ipc", "tcp", "both"]))
  var transport = "both"

  @Option(help: "Seconds of each measurement.")
  var seconds = 2.0

  @Option(help: "Outputs of the LSTM.")
  var units = 128

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try connections.check(1...400, of: "--connections")
    try NumberList([units]).check(1...8192, of: "--units")
    guard ["ipc", "tcp", "both"].contains(transport) else {
      throw ValidationError("--transport cannot be '\(transport)'; use ipc, tcp or both")
    }
    guard seconds >= 0.1, seconds <= 3600 else {
      throw ValidationError("--seconds cannot be \(seconds); use 0.1 to 3600")
    }
  }

  func run() throws {
    try Failure.report {
      HeapRetention.enable()
      let bench = ServerBench(units: units, seconds: seconds)
      let transports = transport == "both" ? ["ipc", "tcp"] : [transport]
      let figures = try bench.measure(connections.values, transports: transports)
      try BenchCommand.write(figures, json: json, table: figures.table)
    }
  }
}

/// `tributary bench crowd`: the load of a server with many connections.
struct BenchCrowdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crowd",
    abstract: "Measure the load of a server by the number of its workers.",
    discussion: """
      Stand-in workers connect over tcp loopback and send heartbeats once a second. The share is \
      the processor time of the server's thread. With leases, every worker also returns one slice \
      of each synchronous step of a model with 8 units.
      """)

  @Option(help: "Numbers of workers.")
  var workers = NumberList([1, 10, 100, 500, 1000, 2000])

  @Option(help: "Seconds of each measurement.")
  var seconds = 10.0

  @Flag(help: "Grant leases.")
  var leases = false

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try workers.check(1...4000, of: "--workers")
    guard seconds >= 0.1, seconds <= 3600 else {
      throw ValidationError("--seconds cannot be \(seconds); use 0.1 to 3600")
    }
  }

  func run() throws {
    try Failure.report {
      DescriptorLimit.raise()
      let loads = try CrowdBench(seconds: seconds, hasLeases: leases).measure(workers.values)
      try BenchCommand.write(loads, json: json, table: CrowdBench.table(loads))
    }
  }
}

/// `tributary bench train`: whole trainings.
struct BenchTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure trainings with a server and workers, and the same work in one process.",
    discussion: """
      Recipe v1 without evaluations. In each round, as many threads of this process as there are \
      workers train one model each, which is the most that the cores can do; then whole systems \
      train in both modes. Each figure is the median over the rounds, each share the median of \
      the shares round by round.
      """)

  @Option(help: "Samples in a batch.")
  var batchSizes = NumberList([50, 100])

  @Option(help: "Numbers of workers.")
  var workers = NumberList([1, 2])

  @Option(help: "Updates of each training.")
  var steps = 1000

  @Option(help: "Rounds to take the median of.")
  var rounds = 3

  @Option(help: "Outputs of the LSTM.")
  var units = 128

  @Option(
    help: "Format that the operands of products are rounded to: f32 or bf16.",
    completion: .list(Precision.allCases.map(\.rawValue)))
  var precision = Precision.float32.rawValue

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var data: DataOptions

  func validate() throws {
    try batchSizes.check(1...65536, of: "--batch-sizes")
    try workers.check(1...256, of: "--workers")
    try NumberList([steps]).check(2...1_000_000, of: "--steps")
    try NumberList([rounds]).check(1...1000, of: "--rounds")
    try NumberList([units]).check(1...8192, of: "--units")
    _ = try BenchCommand.precision(named: precision)
  }

  func run() throws {
    try Failure.report {
      let bench = TrainBench(
        steps: steps, rounds: rounds, units: units,
        precision: try BenchCommand.precision(named: precision),
        kernels: try data.selectedKernels(), arguments: try data.workerArguments())
      let figures = try batchSizes.values.flatMap { batch in
        try workers.values.flatMap { try bench.measure(batchSize: batch, workers: $0) }
      }
      try BenchCommand.write(figures, json: json, table: TrainBench.table(figures))
    }
  }
}

/// Integers separated by commas, such as 1,2,8.
struct NumberList: ExpressibleByArgument {
  /// At least one number.
  let values: [Int]

  /// Creates a list of `values`.
  init(_ values: [Int]) { self.values = values }

  /// Creates a list from the text of an argument; nil if a part is not an integer.
  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard !parts.isEmpty, numbers.count == parts.count else { return nil }
    values = numbers
  }

  var defaultValueDescription: String { values.map(String.init).joined(separator: ",") }

  /// Checks that all numbers are in `range`.
  ///
  /// - Throws: `ValidationError` with the option, the number and the range.
  func check(_ range: ClosedRange<Int>, of flag: String) throws {
    for value in values where !range.contains(value) {
      throw ValidationError(
        "\(flag) cannot be \(value); use \(range.lowerBound) to \(range.upperBound)")
    }
  }
}
