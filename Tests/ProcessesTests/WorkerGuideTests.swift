import Bytes
import Coordination
import Foundation
import Learning
import Numerics
import Storage
import TestSupport
import Testing
import Wire

/// Tests that the page about the computation of leases, for workers in other languages, matches the
/// implementation: its vectors were computed by another program.
@Suite struct WorkerGuideTests {
  private static let page = GuidePage("ComputingLeases.md")

  /// Expects each line in a code block of the page.
  private func expect(_ lines: String...) {
    for line in lines { #expect(Self.page.lines.contains(line), "missing: \(line)") }
  }

  @Test func everySettingIsListed() {
    for definition in TrainingSettings.definitions {
      #expect(Self.page.text.contains("`\(definition.key)`"))
    }
  }

  @Test func settingsHaveTheDocumentedTextsAndFingerprint() {
    let settings = TrainingSettings(recipe: .v1, mode: .sync, seed: 10)
    let lines = settings.pairs.map { "\($0.key)=\($0.value)" }
    let block = (lines + ["fingerprint \(settings.fingerprint.hexadecimal)"]).joined(
      separator: "\n")
    #expect(Self.page.text.contains("```\n\(block)\n```"))
  }

  @Test func aDatasetHasTheDocumentedFingerprint() throws {
    let folder = try TemporaryFolder()
    try SmallImages.write(in: folder)
    expect(try Dataset.load(.folder(folder.file("small"))).fingerprint)
  }

  @Test func pixelsAreScaledAsDocumented() {
    for byte in [1, 128, 254] as [UInt8] {
      let pixel = Kernels().scaled([byte], at: [0], count: 1, by: 1 / 255)[0]
      expect("scaled \(byte): \(pixel.bitPattern.hexadecimal)")
    }
  }

  @Test func randomWordsAreTheDocumentedOnes() {
    let block = Philox(key: SIMD2(0, 0)).block(SIMD4(0, 0, 0, 0))
    let words = (0..<4).map { block[$0].hexadecimal }.joined(separator: " ")
    expect("block of key 0 0, counter 0 0 0 0: \(words)")
    var source = RandomSource(seed: 10, stream: 1 << 57 + 1)
    let drawn = (0..<8).map { _ in source.next32().hexadecimal }.joined(separator: " ")
    expect("seed 10, stream 2^57 + 1: \(drawn)")
  }

  @Test func permutationsAreTheDocumentedOnes() {
    for epoch in [0, 1] as [UInt64] {
      let order = EpochOrder(count: 10, seed: 10).permutation(epoch: epoch)
      expect("10 samples, seed 10, epoch \(epoch): \(text(order))")
    }
    for (seed, epoch) in [(10, 0), (1_099_511_627_781, 3)] as [(UInt64, UInt64)] {
      let order = EpochOrder(count: 55_000, seed: seed).permutation(epoch: epoch)
      expect("first of 55000 samples, seed \(seed), epoch \(epoch): \(text(order.prefix(8)))")
    }
  }

  @Test func slicesHaveTheDocumentedPositions() {
    let plan = BatchPlan(batchSize: 20, slices: 7, sampleCount: 80, length: .epochs(1))
    expect("batch 3 of 20 samples in 7 slices: \(edges(plan, batch: 3))")
    let short = BatchPlan(batchSize: 8, slices: 3, sampleCount: 13, length: .epochs(1))
    let words = "batch 1 of 8 samples in 3 slices, with 13 positions in all"
    expect("\(words): \(edges(short, batch: 1))")
  }

  private func edges(_ plan: BatchPlan, batch: UInt64) -> String {
    let slices = (0..<plan.sliceCount(batch: batch)).map { plan.positions(batch: batch, slice: $0) }
    return text(slices.map(\.lowerBound) + [slices[slices.count - 1].upperBound])
  }

  @Test func runsHaveTheDocumentedCovers() {
    let runs = [(8, 0..<8), (8, 0..<3), (8, 3..<8), (7, 2..<6), (7, 1..<3), (5, 1..<5), (3, 1..<3)]
    for (leaves, run) in runs {
      let nodes = ReductionTree(leaves: leaves).cover(run).map { "\($0)" }.joined(separator: ", ")
      expect("\(leaves) slices, run \(run): \(nodes)")
    }
  }

  @Test(arguments: [Normalization.none, .batch])
  func gradientsAreTheDocumentedOnes(normalization: Normalization) throws {
    let shape = ModelShape(
      timeSteps: 2, features: 3, units: 2, classes: 3, normalization: normalization)
    var weights = (0..<shape.layout.count).map { Float((7 * $0) % 11 - 5) / 10 }
    if normalization == .batch { weights.replaceSubrange((weights.count - 2)..., with: [1, 1.5]) }
    let classifier = Classifier(shape: shape, maximumRows: 2)
    classifier.load(weights: weights)
    let folder = try TemporaryFolder()
    try SmallImages.write(in: folder)
    let pixels = Kernels().scaled(SmallImages.training, at: [0, 6], count: 6, by: 1 / 255)
    let minibatch = Minibatch(pixels: pixels, labels: [0, 1])
    let result = classifier.train(
      minibatch: minibatch, slices: [0..<2], divisor: 4, sliceCount: 2)[0]
    let (loss, correct, values) = try Self.page.contribution(of: shape.layout.count)
    #expect(abs(result.sums.lossSum - loss) < 1e-5 && result.sums.correct == correct)
    #expect(zip(result.contribution, values).allSatisfy { abs($0 - $1) < 1e-5 })
    guard normalization == .batch else { return }
    let evaluation = classifier.evaluate(minibatch)
    let (sum, hits) = try Self.page.evaluation()
    #expect(abs(evaluation.lossSum - sum) < 1e-5 && evaluation.correct == hits)
  }

  @Test func augmentedImagesAreTheDocumentedOnes() throws {
    var source = RandomSource(seed: 10, stream: 3 << 56 + 7)
    let numbers = (0..<6).map { _ in String(format: "%.6f", 2 * source.uniform() - 1) }
    expect("seed 10, position 7: \(numbers.joined(separator: " "))")
    let shape = ModelShape(
      timeSteps: 4, features: 4, units: 1, classes: 2, normalization: .none)
    let augmenter = Augmenter(
      .affine(shift: 2, warp: 0.15), shape: shape, seed: 10, kernels: Kernels())
    let image = Minibatch(pixels: (1...16).map { Float($0) / 16 }, labels: [0])
    let pixels = augmenter.augment(image, positions: 7..<8).pixels
    let expected = try Self.page.lastBlock()
    #expect(expected.count == 16 && zip(pixels, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  private func text(_ numbers: some Sequence<some BinaryInteger>) -> String {
    numbers.map { "\($0)" }.joined(separator: " ")
  }
}

/// The small dataset of the page: 24 training and 4 test images of 2 x 3 pixels.
private enum SmallImages {
  static let training = (0..<144).map { UInt8($0 * 37 % 256) }

  static func write(in folder: TemporaryFolder) throws {
    let test = (0..<24).map { UInt8(($0 * 11 + 5) % 256) }
    try folder.write(Array(idx: 0x803, [24, 2, 3], training), "small/train-images-idx3-ubyte")
    try folder.write(
      Array(idx: 0x801, [24], (0..<24).map { $0 % 3 }), "small/train-labels-idx1-ubyte")
    try folder.write(Array(idx: 0x803, [4, 2, 3], test), "small/t10k-images-idx3-ubyte")
    try folder.write(
      Array(idx: 0x801, [4], (0..<4).map { ($0 + 1) % 3 }), "small/t10k-labels-idx1-ubyte")
  }
}

/// A page of the guide, with its code blocks.
private struct GuidePage {
  let text: String
  let blocks: [[String]]

  init(_ name: String) {
    let path = Repository.path("Sources/Wire/Wire.docc/\(name)")
    text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let parts = text.components(separatedBy: "```")
    blocks = stride(from: 1, to: parts.count, by: 2).map {
      parts[$0].split(separator: "\n").map(String.init)
    }
  }

  /// The lines of all code blocks.
  var lines: Set<String> { Set(blocks.joined()) }

  /// Returns the loss, the number of correct samples, and the flat vector of a block with `count`
  /// elements.
  func contribution(of count: Int) throws -> (loss: Double, correct: UInt64, values: [Float]) {
    let block = try #require(
      blocks.first { $0.first?.hasPrefix("loss ") == true && numbers(in: $0).count == count })
    return (
      try #require(Double(block[0].dropFirst(5))), try #require(UInt64(block[1].dropFirst(8))),
      numbers(in: block)
    )
  }

  /// Returns the sums in the line about an evaluation.
  func evaluation() throws -> (loss: Double, correct: UInt64) {
    let line = try #require(lines.first { $0.hasPrefix("evaluation loss ") })
    let words = line.split { $0 == " " || $0 == "," }
    return (try #require(Double(words[2])), try #require(UInt64(words[4])))
  }

  /// Returns the numbers in the last block.
  func lastBlock() throws -> [Float] { numbers(in: try #require(blocks.last)) }

  /// Returns the numbers in lines that consist of numbers only.
  private func numbers(in block: [String]) -> [Float] {
    block.filter { $0.first.map { $0.isNumber || $0 == "-" } ?? false }
      .flatMap { $0.split(separator: " ").compactMap { Float($0) } }
  }
}
