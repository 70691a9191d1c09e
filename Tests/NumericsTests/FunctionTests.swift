import Foundation
import Numerics
import Testing

@Suite struct FunctionTests {
  struct Function: Sendable, CustomTestStringConvertible {
    let name: String
    let ours: @Sendable (Kernels) -> ([Float]) -> [Float]
    let exact: @Sendable (Double) -> Double
    var testDescription: String { name }
  }

  static let functions = [
    Function(name: "exp", ours: { $0.exp }, exact: { exp($0) }),
    Function(
      name: "sigmoid", ours: { $0.sigmoid },
      exact: { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }),
    Function(name: "tanh", ours: { $0.tanh }, exact: { tanh($0) }),
    Function(name: "log", ours: { $0.log }, exact: { log($0) }),
  ]

  /// About 200,000 floats of every exponent and sign; the stride is not a power of two.
  static let everyBinade: [Float] = stride(
    from: UInt32(0), through: UInt32.max - 21_000, by: 20_983
  )
  .map(Float.init(bitPattern:))

  /// Values near zero, subnormal values, and values near overflow, underflow and saturation.
  static let edges: [Float] = [
    0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, 0x1.fffff8p-127,
    .leastNormalMagnitude,
    -.leastNormalMagnitude, 1, -1, 0.34657359, -0.34657359, 0.7071067, 1.4142135, 9.01, 10, -10,
    10.000001, 16.63, -16.63, 17.4, 87.33, -87.33, -87.4, 88.72283, 88.72284, 89, 89.1, -88.73,
    -103.27, -103.28, -103.97, -103.98, -104, -104.1, 1e10, -1e10, .greatestFiniteMagnitude,
    -.greatestFiniteMagnitude, .infinity, -.infinity, .nan, 0.9999999, 1.0000001,
  ]

  /// 80,000 floats in the usual range of the gates' pre-activations.
  static let usual: [Float] =
    noise(60_000).map { $0 * 12 } + noise(20_000, stream: 1).map { $0 * 0.5 }

  @Test(arguments: functions)
  func isWithinFourUlps(function: Function) {
    let inputs = Self.edges + Self.everyBinade + Self.usual
    let outputs = function.ours(Kernels())(inputs)
    var worst = (ulps: 0.0, x: Float(0), y: Float(0))
    for (x, y) in zip(inputs, outputs) {
      let error = ulps(y, function.exact(Double(x)))
      if error > worst.ulps { worst = (error, x, y) }
    }
    #expect(worst.ulps <= 4, "\(function.name)(\(worst.x)) = \(worst.y)")
  }

  @Test(arguments: functions, KernelVariant.supported)
  func hasTheSameBitsInEveryVariant(function: Function, variant: KernelVariant) {
    let inputs = Self.edges + Self.everyBinade.enumerated().compactMap { $0 % 8 == 0 ? $1 : nil }
    let ours = function.ours(Kernels(variant))(inputs).bits
    #expect(ours == function.ours(Kernels())(inputs).bits)
  }

  @Test(arguments: functions)
  func doesNotDependOnOtherElements(function: Function) {
    let together = function.ours(Kernels())(Self.edges)
    for (x, y) in zip(Self.edges, together) {
      #expect(function.ours(Kernels())([x]).bits == [y].bits)
    }
    #expect(function.ours(Kernels())([]).isEmpty)
  }

  @Test func infinitiesAndZerosGiveTheLimits() {
    let kernels = Kernels()
    #expect(kernels.exp([-.infinity, .infinity, 0]) == [0, .infinity, 1])
    #expect(kernels.sigmoid([-.infinity, .infinity, 0]) == [0, 1, 0.5])
    #expect(kernels.tanh([-.infinity, .infinity, -0.0]).bits == [-1, 1, -0.0].bits)
    #expect(kernels.log([0, .infinity, 1]) == [-.infinity, .infinity, 0])
    #expect(kernels.log([-1])[0].isNaN)
  }
}
