import Foundation
import Numerics
import Testing

@Suite struct CrossEntropyTests {
  static func softmax(_ logits: ArraySlice<Float>) -> [Double] {
    let greatest = Double(logits.max()!)
    let powers = logits.map { exp(Double($0) - greatest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }

  @Test(arguments: [1, 2, 10, 47, 200])
  func lossAndGradientAgreeWithDoublePrecision(classes: Int) {
    let rows = 7
    let logits = noise(rows * classes).map { $0 * 8 }
    let labels = (0..<rows).map { UInt8(($0 * 3) % classes) }
    let view = MatrixView(logits, rows: rows, columns: classes)
    var sums = SampleSums(lossSum: 0.5, correct: 2, count: 3)
    Kernels().softmaxCrossEntropy(view, labels: labels[...], scale: 0.25, sums: &sums)
    var (loss, correct) = (0.5, 2)
    for row in 0..<rows {
      let part = logits[row * classes..<(row + 1) * classes]
      var exact = Self.softmax(part)
      loss -= log(exact[Int(labels[row])])
      correct += Int(labels[row]) == part.firstIndex(of: part.max()!)! - part.startIndex ? 1 : 0
      exact[Int(labels[row])] -= 1
      let gradient = (0..<classes).map { view[row, $0] }
      #expect(distance(gradient, exact.map { $0 * 0.25 }) < 1e-6)
    }
    #expect((sums.lossSum - loss).magnitude < 1e-5)
    #expect(sums.correct == correct && sums.count == 3 + rows)
  }

  @Test func softmaxAgreesWithDoublePrecisionAndSumsToOne() {
    let logits = noise(3 * 33).map { $0 * 20 }
    let view = MatrixView(logits, rows: 3, columns: 33)
    Kernels().softmax(view)
    for row in 0..<3 {
      let ours = (0..<33).map { view[row, $0] }
      #expect(distance(ours, Self.softmax(logits[row * 33..<(row + 1) * 33])) < 1e-6)
      #expect((ours.reduce(0, +) - 1).magnitude < 1e-5)
    }
  }

  @Test func hugeLogitsNeitherOverflowNorUnderflow() {
    let view = MatrixView([3e38, -3e38, 0, 1000, 1001, 999], rows: 2, columns: 3)
    var sums = SampleSums()
    Kernels().softmaxCrossEntropy(view, labels: [0, 1], scale: 1, sums: &sums)
    #expect(view.array.allSatisfy { $0.isFinite })
    #expect((sums.lossSum - 0.407_605_96).magnitude < 1e-5)
    #expect(sums.correct == 2)
  }

  @Test func theFirstOfEqualLogitsIsThePrediction() {
    let view = MatrixView([1, 1, 1, 1, 1, 1], rows: 2, columns: 3)
    var sums = SampleSums()
    Kernels().softmaxCrossEntropy(view, labels: [0, 1], scale: 1, sums: &sums)
    #expect(sums.correct == 1)
  }

  @Test func aNaNLogitMakesTheLossNaN() {
    let view = MatrixView([1, .nan, 1], rows: 1, columns: 3)
    var sums = SampleSums()
    Kernels().softmaxCrossEntropy(view, labels: [0], scale: 1, sums: &sums)
    #expect(sums.lossSum.isNaN)
  }

  @Test(arguments: KernelVariant.supported)
  func sumsDoNotDependOnVariantOrChunks(variant: KernelVariant) {
    let logits = noise(20 * 10).map { $0 * 5 }
    let labels = (0..<20).map { UInt8($0 % 10) }
    func sums(_ kernels: Kernels, chunk: Int) -> SampleSums {
      let view = MatrixView(logits, rows: 20, columns: 10)
      var sums = SampleSums()
      for first in stride(from: 0, to: 20, by: chunk) {
        let rows = first..<min(first + chunk, 20)
        kernels.softmaxCrossEntropy(
          view.rows(rows), labels: labels[rows], scale: 1, sums: &sums)
      }
      return sums
    }
    #expect(sums(Kernels(variant), chunk: 3) == sums(Kernels(), chunk: 20))
  }
}
