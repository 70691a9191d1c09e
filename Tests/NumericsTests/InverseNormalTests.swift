import Foundation
import Testing

@testable import Numerics

@Suite struct InverseNormalTests {
  // The first three are from Wichura's paper (Applied Statistics 37, p. 479), the others from
  // tables.
  @Test(arguments: [
    (0.25, -0.6744897501960817), (0.001, -3.090232306167814), (1e-20, -9.262340089798408),
    (0.5, 0), (0.975, 1.959963984540054), (0.75, 0.6744897501960817),
  ])
  func quantilesMatchThePublishedValues(p: Double, z: Double) {
    #expect((inverseNormal(p) - z).magnitude <= 4e-16 * max(z.magnitude, 1) * 2)
  }

  @Test func isTheInverseOfTheDistributionFunction() {
    for step in 1..<2000 {
      let p = Double(step) / 2000
      let z = inverseNormal(p)
      #expect((0.5 * erfc(-z / 2.0.squareRoot()) - p).magnitude < 1e-15)
    }
  }

  @Test func isAntisymmetricAboutOneHalfAndIncreasing() {
    var last = -Double.infinity
    for step in 1..<1024 {
      let p = Double(step) / 1024
      #expect(inverseNormal(p) == -inverseNormal(1 - p))
      #expect(inverseNormal(p) > last)
      last = inverseNormal(p)
    }
  }

  @Test func logarithmIsWithinOneUlp() {
    var source = RandomSource(seed: 5, stream: 0)
    for _ in 0..<20_000 {
      let x = source.uniformDouble() * pow(2, Double(source.below(200)) - 100)
      guard x > 0 else { continue }
      #expect((naturalLog(x) - log(x)).magnitude <= log(x).ulp)
    }
    #expect(naturalLog(1) == 0)
  }
}
