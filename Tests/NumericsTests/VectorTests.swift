import Bytes
import Numerics
import Testing

@Suite struct VectorTests {
  static let lengths = [0, 1, 3, 31, 33, 100]

  @Test(arguments: lengths, KernelVariant.supported)
  func adamMatchesTensorFlow(count: Int, variant: KernelVariant) {
    let step = AdamStep(alpha: 0.01)
    let gradient = noise(count + 2)
    var (w, m) = (noise(count + 2, stream: 1), noise(count, stream: 2))
    var v = noise(count, stream: 3).map { $0 * $0 }
    let (w0, m0, v0) = (w, m, v)
    Kernels(variant).adam(&w, m: &m, v: &v, gradient: gradient, step: step)
    for i in 0..<count {
      let g = Double(gradient[i])
      let m1 = Double(m0[i]) + (g - Double(m0[i])) * (1 - Double(step.beta1))
      let v1 = Double(v0[i]) + (g * g - Double(v0[i])) * (1 - Double(step.beta2))
      let w1 = Double(w0[i]) - 0.01 * m1 / (v1.squareRoot() + 1e-8)
      #expect((Double(m[i]) - m1).magnitude < 1e-6 && (Double(v[i]) - v1).magnitude < 1e-6)
      #expect((Double(w[i]) - w1).magnitude < 1e-6 * max(1, (w1 - Double(w0[i])).magnitude * 10))
    }
    #expect(w[count...] == w0[count...])
    var (w2, m2, v2) = (w0, m0, v0)
    Kernels().adam(&w2, m: &m2, v: &v2, gradient: gradient, step: step)
    #expect(w.bits == w2.bits && m.bits == m2.bits && v.bits == v2.bits)
  }

  @Test func theFirstAdamStepMovesEveryWeightByTheLearningRate() {
    // At t = 1 both corrections cancel: w moves by lr · g / (|g| + ε') for any g.
    let alpha = 0.001 * Float(0.001).squareRoot() / Float(0.1)
    var (w, m, v): ([Float], [Float], [Float]) = ([1, 1, 1], [0, 0, 0], [0, 0, 0])
    Kernels().adam(
      &w, m: &m, v: &v, gradient: [3, -0.002, 0], step: AdamStep(alpha: alpha))
    #expect((w[0] - 0.999).magnitude < 1e-6 && (w[1] - 1.001).magnitude < 1e-6 && w[2] == 1)
  }

  @Test(arguments: lengths, KernelVariant.supported)
  func extrapolationMovesTheWeightsAlongTheMoments(count: Int, variant: KernelVariant) {
    let (w, m) = (noise(count + 2, stream: 1), noise(count, stream: 2))
    let v = noise(count, stream: 3).map { $0 * $0 }
    let found = Kernels(variant).extrapolated(w, m: m, v: v, alpha: 0.07, epsilon: 1e-8)
    for i in 0..<count {
      let move = 0.07 * Double(m[i]) / (Double(v[i]).squareRoot() + 1e-8)
      #expect((Double(found[i]) - Double(w[i]) + move).magnitude < 1e-6 * max(1, move.magnitude))
    }
    #expect(found.count == w.count && found[count...] == w[count...])
    let other = Kernels().extrapolated(w, m: m, v: v, alpha: 0.07, epsilon: 1e-8)
    #expect(found.bits == other.bits)
  }

  @Test(arguments: lengths, KernelVariant.supported)
  func additionIsElementwise(count: Int, variant: KernelVariant) {
    let (x, y) = (noise(count), noise(count, stream: 1))
    let expected = zip(x, y).map { $0 + $1 }
    var sum = y
    Kernels(variant).add(into: &sum, x)
    #expect(sum.bits == expected.bits)
    var bytes: [UInt8] = [7, 7, 7]
    Kernels.append(x, to: &bytes)
    var fromBytes = y
    Kernels(variant).add(into: &fromBytes, littleEndian: Bytes(bytes + [9]), at: 3)
    #expect(fromBytes.bits == expected.bits)
  }

  @Test(arguments: KernelVariant.supported)
  func moveTowardComputesAMovingAverage(variant: KernelVariant) {
    let (x, y) = (noise(50), noise(50, stream: 1))
    var average = y
    Kernels(variant).moveToward(&average, x, rate: 0.01, in: 10..<40)
    for i in 0..<50 {
      let expected = (10..<40).contains(i) ? y[i].addingProduct(x[i] - y[i], 0.01) : y[i]
      #expect(average[i] == expected)
    }
  }

  @Test(arguments: lengths, KernelVariant.supported)
  func adamScalesAndClampsTheGradient(count: Int, variant: KernelVariant) {
    var clipping = AdamStep(alpha: 0.01)
    (clipping.gain, clipping.bound) = (1.7, 0.9)
    let gradient = noise(count)
    let clipped = gradient.map { min(max($0 * 1.7, -0.9), 0.9) }
    let (w0, m0, v0) = (noise(count, stream: 1), noise(count, stream: 2), noise(count, stream: 3))
    var (w, m, v) = (w0, m0, v0.map { $0 * $0 })
    var (w1, m1, v1) = (w, m, v)
    let kernels = Kernels(variant)
    kernels.adam(&w, m: &m, v: &v, gradient: gradient, step: clipping)
    kernels.adam(&w1, m: &m1, v: &v1, gradient: clipped, step: AdamStep(alpha: 0.01))
    #expect(w.bits == w1.bits && m.bits == m1.bits && v.bits == v1.bits)
    #expect(count < 31 || clipped != gradient.map { $0 * 1.7 })
  }

  @Test(arguments: lengths, KernelVariant.supported)
  func sumOfSquaresIsAccurateAndTheSameInEveryVariant(count: Int, variant: KernelVariant) {
    let x = noise(count)
    let exact = x.reduce(0.0) { $0 + Double($1) * Double($1) }
    let ours = Kernels(variant).sumOfSquares(x)
    #expect((ours - exact).magnitude <= 1e-13 * max(exact, 1))
    #expect(ours.bitPattern == Kernels().sumOfSquares(x).bitPattern)
    #expect(Kernels(variant).sumOfSquares([3, 4] + x, in: 0..<2) == 25)
    var bytes: [UInt8] = [7, 7, 7]
    Kernels.append(x, to: &bytes)
    let ofBytes = Kernels(variant).sumOfSquares(
      littleEndian: Bytes(bytes + [9]), at: 3, count: count)
    #expect(ofBytes.bitPattern == ours.bitPattern)
  }

  @Test func sumOfSquaresMayExceedTheFloatRange() {
    #expect(Kernels().sumOfSquares([.greatestFiniteMagnitude, 1e-30]).isFinite)
    #expect(Kernels().sumOfSquares([.nan]).isNaN)
  }

  @Test(arguments: KernelVariant.supported)
  func anyElementThatIsNotFiniteIsDetected(variant: KernelVariant) {
    let kernels = Kernels(variant)
    var x = noise(70)
    #expect(kernels.allFinite(x) && kernels.allFinite([]))
    for place in 0..<70 {
      for bad in [Float.nan, .infinity, -.infinity, .signalingNaN] {
        let good = x[place]
        x[place] = bad
        #expect(!kernels.allFinite(x))
        #expect(kernels.allFinite(x, in: 0..<place) && kernels.allFinite(x, in: place + 1..<70))
        x[place] = good
      }
    }
  }

  @Test func burnReturnsTheNumberOfOperations() {
    for variant in KernelVariant.supported {
      let kernels = Kernels(variant)
      #expect(kernels.burn(iterations: 10) == 10 * kernels.burn(iterations: 1))
      #expect(kernels.burn(iterations: 1) > 0)
    }
  }
}
