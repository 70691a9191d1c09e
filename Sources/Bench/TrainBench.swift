import Coordination
import Foundation
import Learning
package import Numerics
import Synchronization

/// Benchmark of whole trainings beside the same work in one process: `tributary bench train`.
package struct TrainBench {
  /// The speed of one system with one batch size and number of workers.
  package struct Figure: Encodable {
    /// Samples in a batch.
    package let batchSize: Int
    /// Worker processes, or threads of `in-process`.
    package let workers: Int
    /// `in-process`, `sync` or `async`.
    package let system: String
    /// Training samples per second of all workers together.
    package let samplesPerSecond: Double
    /// The rate as a share of that of as many threads in one process.
    package let shareOfInProcess: Double
  }

  private let steps: Int
  private let rounds: Int
  private let units: Int
  private let precision: Precision
  private let kernels: Kernels
  private let arguments: [String]

  private static let systems = ["in-process", "sync", "async"]
  private static let inProcessSeconds = 1.5

  /// Creates a benchmark of trainings of `steps` updates; figures are medians over `rounds`.
  ///
  /// - Parameter arguments: arguments of `tributary train` that select data and kernels.
  package init(
    steps: Int, rounds: Int, units: Int, precision: Precision, kernels: Kernels,
    arguments: [String]
  ) {
    self.steps = steps
    self.rounds = rounds
    self.units = units
    self.precision = precision
    self.kernels = kernels
    self.arguments = arguments
  }

  /// Measures all systems with one batch size and number of workers.
  ///
  /// - Throws: ``BenchError`` if a training fails.
  package func measure(batchSize: Int, workers: Int) throws -> [Figure] {
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
        samplesPerSecond: Statistics.median(values),
        shareOfInProcess: Statistics.median(zip(values, rates[0]).map { $0 / $1 }))
    }
  }

  /// Returns the figures as a table.
  package static func table(_ figures: [Figure]) -> String {
    var table = TextTable("batch, workers", "system", "samples/s", "of in-process")
    for figure in figures {
      table.add(
        "\(figure.batchSize), \(figure.workers)", figure.system,
        TextTable.number(figure.samplesPerSecond),
        TextTable.number(figure.shareOfInProcess * 100) + " %")
    }
    return table.text
  }

  // MARK: In one process

  /// Returns the samples per second of `threads` independent trainings in this process.
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

  /// The part of a run's report that is read.
  private struct Report: Decodable {
    let samplesPerSecond: Double
  }

  /// Returns the samples per second of a whole training by this program, in a temporary folder.
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
    guard (try? process.run()) != nil else { throw BenchError.trainingFailed(status: 127) }
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw BenchError.trainingFailed(status: process.terminationStatus)
    }
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let report = try? decoder.decode(Report.self, from: text) else {
      throw BenchError.noReport
    }
    return report.samplesPerSecond
  }
}
