import ArgumentParser
import Bench
import Foundation
import Numerics
import Telemetry

/// `tributary bench`: measures this program on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure this program on this machine.",
    subcommands: [
      BenchKernelsCommand.self, BenchCodecCommand.self, BenchServerCommand.self,
      BenchCrowdCommand.self, BenchTrainCommand.self,
    ])

  /// Writes figures to standard output, as JSON or as `table`.
  static func write(
    _ figures: some Encodable, json: Bool, table: @autoclosure () -> String
  ) throws {
    guard json else { return try StandardOutput.writeLine(table()) }
    try StandardOutput.write(String(decoding: ReportJSON.encode(figures), as: UTF8.self))
  }

  /// Returns the precision that an option names.
  ///
  /// - Throws: `ValidationError`.
  static func precision(named name: String) throws -> Precision {
    guard let precision = Precision(rawValue: name) else {
      throw ValidationError("--precision cannot be '\(name)'; use f32 or bf16")
    }
    return precision
  }
}

/// `tributary bench kernels`: the kernels on one core.
struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measure the matrix products and whole training steps on one core.",
    discussion: """
      The peak is measured in the same run: fused multiply-adds, or sums of two products of \
      bfloat16, with all operands in registers. Each figure is the median over the rounds, each \
      share the median of the shares round by round, so that a machine whose speed drifts does \
      not distort them. A step counts only the floating-point operations of its matrix products.
      """)

  @Option(help: "Rounds to take the median of.")
  var rounds = 7

  @Option(help: "Outputs of the LSTM.")
  var units = 128

  @Option(
    help: "Vector code: avx512, avx2 or plain. (default: the widest)",
    completion: .list(KernelVariant.allCases.map(\.rawValue)))
  var kernels: String?

  @Option(
    help: "Format that the operands of products are rounded to: f32 or bf16.",
    completion: .list(Precision.allCases.map(\.rawValue)))
  var precision = Precision.float32.rawValue

  func validate() throws {
    try NumberList([rounds]).check(1...1000, of: "--rounds")
    try NumberList([units]).check(1...8192, of: "--units")
    _ = try BenchCommand.precision(named: precision)
  }

  func run() throws {
    try Failure.report {
      let kernels = try DataOptions.kernels(named: kernels)
      let precision = try BenchCommand.precision(named: precision)
      let bench = KernelBench(kernels: kernels, precision: precision, units: units, rounds: rounds)
      try bench.run { try StandardOutput.writeLine($0) }
    }
  }
}

/// `tributary bench codec`: encoding and decoding of messages on one core.
struct BenchCodecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codec",
    abstract: "Measure encoding, checking and decoding of tensors on one core.",
    discussion: """
      Each figure is the median over the rounds; gigabytes are those of the tensor's elements. \
      The copy loop copies memory that does not fit in any cache, whereas a tensor of the usual \
      size does.
      """)

  @Option(help: "Elements of the tensor; the default model has 81,674.")
  var elements = 81_674

  @Option(help: "Rounds to take the median of.")
  var rounds = 7

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try NumberList([elements]).check(1...1 << 26, of: "--elements")
    try NumberList([rounds]).check(1...1000, of: "--rounds")
  }

  func run() throws {
    try Failure.report {
      let bench = CodecBench(elements: elements, rounds: rounds)
      let figures = try bench.measure()
      try BenchCommand.write(figures, json: json, table: bench.table(figures))
    }
  }
}
