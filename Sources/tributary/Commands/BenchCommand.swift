import ArgumentParser
import Numerics

/// Measurements of this program on this machine.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure this program on this machine.",
    subcommands: [
      BenchKernelsCommand.self, BenchCodecCommand.self, BenchServerCommand.self,
      BenchTrainCommand.self,
    ])
}

/// The kernels alone, on one core.
struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels",
    abstract: "Measure the matrix products and whole training steps on one core.",
    discussion: """
      The peak is measured in the same run: fused multiply-adds, or sums of two products of \
      bfloat16, in registers and nothing else. Each \
      figure is the median over the rounds, each share the median of the shares round by round, so \
      that a machine whose speed drifts does not distort them. A step counts the floating-point \
      operations of its matrix products only.
      """)

  @Option(help: "Rounds to take the median of.")
  var rounds = 7

  @Option(help: "Outputs of the LSTM.")
  var units = 128

  @Option(help: "Vector code: avx512, avx2 or plain. (default: the widest)")
  var kernels: String?

  @Option(help: "What the operands of products are rounded to: f32 or bf16.")
  var precision = Precision.float32.rawValue

  func validate() throws {
    guard (1...1000).contains(rounds) else {
      throw ValidationError("--rounds cannot be \(rounds); use 1 to 1000")
    }
    guard (1...8192).contains(units) else {
      throw ValidationError("--units cannot be \(units); use 1 to 8192")
    }
    guard Precision(rawValue: precision) != nil else {
      throw ValidationError("--precision cannot be \(precision); use f32 or bf16")
    }
  }

  func run() throws {
    try Failure.report {
      let kernels = try DataOptions.kernels(named: kernels)
      let precision = Precision(rawValue: precision) ?? .float32
      KernelBench(kernels: kernels, precision: precision, units: units, rounds: rounds).run()
    }
  }
}
