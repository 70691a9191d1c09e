import ArgumentParser
import Coordination
import Foundation
import Learning
import Numerics
import Processes
import Synchronization

/// The whole system.
struct BenchTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure trainings with a server and workers, beside the same work in one process.",
    discussion: """
      Recipe v1 without evaluations. In each round, as many threads of this process as there are \
      workers train a model each, which is what the cores can do at most; then whole systems \
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

  @Option(help: "What the operands of products are rounded to: f32 or bf16.")
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
    guard Precision(rawValue: precision) != nil else {
      throw ValidationError("--precision cannot be '\(precision)'; use f32 or bf16")
    }
  }

  func run() throws {
    try Failure.report {
      let bench = TrainBench(
        steps: steps, rounds: rounds, units: units,
        precision: Precision(rawValue: precision) ?? .float32,
        kernels: try data.selectedKernels(), arguments: try data.workerArguments())
      let figures = try batchSizes.values.flatMap { batch in
        try workers.values.flatMap { try bench.measure(batchSize: batch, workers: $0) }
      }
      if json {
        try FileHandle.standardOutput.write(contentsOf: Measuring.json(figures))
      } else {
        TrainBench.show(figures)
      }
    }
  }
}

/// The measurements behind `tributary bench train`.
struct TrainBench {
  /// One way to train.
  struct Figure: Encodable {
    let batchSize: Int
    let workers: Int
    /// in-process, sync or async.
    let system: String
    let samplesPerSecond: Double
    /// As a share of the same number of threads in one process.
    let shareOfInProcess: Double
  }

  let steps: Int
  let rounds: Int
  let units: Int
  let precision: Precision
  let kernels: Kernels
  /// Arguments about the data and the kernels.
  let arguments: [String]

  private static let systems = ["in-process", "sync", "async"]
  private static let inProcessSeconds = 1.5

  /// Measures one batch size and number of workers.
  func measure(batchSize: Int, workers: Int) throws -> [Figure] {
    var rates: [[Double]] = Self.systems.map { _ in [] }
    for _ in 0..<rounds {
      rates[0].append(inProcess(batchSize: batchSize, threads: workers))
      for (index, mode) in Self.systems.enumerated().dropFirst() {
        rates[index].append(try train(mode: mode, batchSize: batchSize, workers: workers))
      }
    }
    return zip(Self.systems, rates).map { system, values in
      Figure(
        batchSize: batchSize, workers: workers, system: system,
        samplesPerSecond: Measuring.median(values),
        shareOfInProcess: Measuring.median(zip(values, rates[0]).map { $0 / $1 }))
    }
  }

  /// Prints a table.
  static func show(_ figures: [Figure]) {
    var table = TextTable("batch, workers", "system", "samples/s", "of in-process")
    for figure in figures {
      table.add(
        "\(figure.batchSize), \(figure.workers)", figure.system,
        Measuring.text(figure.samplesPerSecond),
        Measuring.text(figure.shareOfInProcess * 100) + " %")
    }
    print(table.text)
  }

  // MARK: In one process

  /// Samples per second of threads that have nothing to do with each other.
  private func inProcess(batchSize: Int, threads: Int) -> Double {
    let rates = Mutex<[Double]>([])
    let group = DispatchGroup()
    let recipe = Recipe.v1
    let shape = ModelShape(
      timeSteps: 28, features: 28, units: units, classes: 10, normalization: recipe.normalization)
    let begin = ContinuousClock.now + .milliseconds(300)
    for _ in 0..<threads {
      group.enter()
      Thread { [kernels, precision] in
        var step = TrainingStep(
          shape: shape, batch: batchSize, kernels: kernels, precision: precision)
        repeat { step.run() } while ContinuousClock.now < begin
        let start = ContinuousClock.now
        var (count, seconds) = (0, 0.0)
        repeat {
          step.run()
          count += 1
          seconds = start.duration(to: .now).seconds
        } while seconds < Self.inProcessSeconds
        let rate = Double(count * batchSize) / seconds
        rates.withLock { $0.append(rate) }
        group.leave()
      }.start()
    }
    group.wait()
    return rates.withLock { $0.reduce(0, +) }
  }

  // MARK: Server and workers

  /// What is read of a run's report.
  private struct Report: Decodable {
    let samplesPerSecond: Double
  }

  /// Samples per second of a whole training by this program, in a folder of its own.
  private func train(mode: String, batchSize: Int, workers: Int) throws -> Double {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("tributary-bench-\(UInt64.random(in: 0 ... .max))")
    defer { try? FileManager.default.removeItem(at: folder) }
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      [
        "train", "--recipe", "v1", "--mode", mode, "--batch-size", "\(batchSize)",
        "--units", "\(units)", "--precision", precision.rawValue,
        "--workers", "\(workers)", "--steps", "\(steps)", "--evaluate-every", "0",
        "--run", folder.path, "--json",
      ] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw Failure.exit(
        .tryAgain,
        "a training ended with code \(process.terminationStatus); try 'tributary train' alone")
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: text).samplesPerSecond
  }
}
