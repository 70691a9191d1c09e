import Numerics
import Testing

@testable import Learning

@Suite struct AugmentationTests {
  static let shape = ModelShape(
    timeSteps: 6, features: 4, units: 2, classes: 3, normalization: .none)
  static let affine = Augmentation.affine(shift: 2, warp: 0.15)

  static func augmenter(
    _ augmentation: Augmentation = affine, seed: UInt64 = 10, kernels: Kernels = Kernels()
  ) -> Augmenter {
    Augmenter(augmentation, shape: shape, seed: seed, kernels: kernels)
  }

  static func augmented(
    _ positions: Range<UInt64>, _ augmenter: Augmenter = augmenter()
  ) -> [Float] {
    let rows = (positions.lowerBound..<positions.upperBound).map { Int($0 % 1000) }
    let pixels = rows.flatMap { row in pattern(24, salt: row).map { $0 + 0.5 } }
    let labels = rows.map { UInt8($0 % 3) }
    let result = augmenter.augment(
      Minibatch(pixels: pixels, labels: labels), positions: positions)
    #expect(result.labels == labels)
    return result.pixels
  }

  @Test(arguments: ["none", "affine:2,0.15", "affine:0,0", "affine:1000,1", "affine:1.5,0.1"])
  func textRoundTrips(text: String) {
    #expect(Augmentation(text)?.description == text)
  }

  @Test(arguments: [
    "", "affine", "affine:", "affine:2", "affine:2,", "affine:2,0.1,3", "affine:-1,0.1",
    "affine:2,1.1", "affine:1001,0", "affine:nan,0", "affine:inf,0", "affine:2, 0.1", "None",
    "elastic:1,2",
  ])
  func otherTextIsNotParsed(text: String) {
    #expect(Augmentation(text) == nil)
  }

  @Test func noneDoesNotChangeTheSamples() {
    let positions = UInt64(3)..<7
    let plain = (3..<7).flatMap { row in pattern(24, salt: row).map { $0 + 0.5 } }
    #expect(Self.augmented(positions, Self.augmenter(.none)) == plain)
    #expect(Self.augmented(positions, Self.augmenter(.affine(shift: 0, warp: 0))) == plain)
    #expect(Self.augmented(positions) != plain)
  }

  /// A worker may compute any part of a batch, in any order.
  @Test func aSampleDoesNotDependOnOtherSamples() {
    let together = Self.augmented(100..<110)
    let apart = [100..<103, 103..<104, 104..<110].flatMap { (run: Range<UInt64>) in
      Self.augmented(run, Self.augmenter())
    }
    #expect(together == apart)
    let augmenter = Self.augmenter()
    let backwards = [104..<110, 103..<104, 100..<103].map { (run: Range<UInt64>) in
      Self.augmented(run, augmenter)
    }
    #expect(together == backwards.reversed().flatMap { $0 })
  }

  @Test func augmentationDependsOnPositionAndSeed() {
    let here = Self.augmented(0..<1)
    #expect(Self.augmented(0..<1, Self.augmenter(seed: 11)) != here)
    #expect(Self.augmented(1000..<1001) != here, "the same image one epoch later")
    #expect(Self.augmented(0..<1) == here)
  }

  @Test(arguments: KernelVariant.supported)
  func everyKernelVariantGivesTheSameBits(variant: KernelVariant) {
    let ours = Self.augmented(0..<50, Self.augmenter(kernels: Kernels(variant)))
    #expect(ours.map(\.bitPattern) == Self.augmented(0..<50).map(\.bitPattern))
  }

  /// A map computed by an independent implementation.
  struct Drawn: Sendable {
    let seed: UInt64, position: UInt64
    let shift: Float, warp: Float
    let height: Int, width: Int
    let origin: SIMD2<Double>, column: SIMD2<Double>, row: SIMD2<Double>
  }

  /// Computed with Philox4x32-10 in Python: key = seed, counter = (block, stream 3 << 56 |
  /// position), six numbers in [-1, 1) from the upper 24 bits of each word, and the map in double
  /// precision.
  static let drawn = [
    Drawn(
      seed: 10, position: 12345, shift: 2, warp: 0.15, height: 28, width: 28,
      origin: [-0.17703243196010732, 3.2777296930551536],
      column: [1.0484523355960846, -0.08866494297981262],
      row: [-0.11987371444702148, 0.9922659754753113]),
    Drawn(
      seed: 9_223_372_036_854_775_813, position: 0, shift: 1, warp: 0.25, height: 6, width: 4,
      origin: [0.8892662078142166, -0.09486496448516846],
      column: [0.9800178706645966, -0.011240482330322266],
      row: [-0.026066362857818604, 1.1332099437713623]),
  ]

  @Test(arguments: drawn)
  func theMapIsDrawnFromTheStreamOfThePosition(expected: Drawn) {
    let shape = ModelShape(
      timeSteps: expected.height, features: expected.width, units: 1, classes: 1,
      normalization: .none)
    let augmenter = Augmenter(
      .affine(shift: expected.shift, warp: expected.warp), shape: shape, seed: expected.seed,
      kernels: Kernels())
    let map = augmenter.map(expected.position, shift: expected.shift, warp: expected.warp)
    for axis in 0..<2 {
      #expect(abs(Double(map.origin[axis]) - expected.origin[axis]) < 3e-6)
      #expect(abs(Double(map.column[axis]) - expected.column[axis]) < 2e-7)
      #expect(abs(Double(map.row[axis]) - expected.row[axis]) < 2e-7)
    }
  }

  @Test func mapsStayWithinTheirBounds() {
    let augmenter = Self.augmenter()
    for position in UInt64(0)..<1000 {
      let map = augmenter.map(position, shift: 2, warp: 0.25)
      #expect(abs(map.column.x - 1) <= 0.25 && abs(map.row.y - 1) <= 0.25)
      #expect(abs(map.column.y) <= 0.25 && abs(map.row.x) <= 0.25)
      let centre = SIMD2<Float>(1.5, 2.5)
      let moved = map.origin + centre.x * map.column + centre.y * map.row - centre
      #expect(abs(moved.x) < 2.00001 && abs(moved.y) < 2.00001)
    }
  }

  @Test func augmentationIsNotSupportedWithScanPixels() throws {
    var recipe = Recipe.v1
    (recipe.augmentation, recipe.scan) = (Self.affine, .pixels)
    let error = SettingsError.augmentationOfPixels(Self.affine)
    #expect(throws: error) { try recipe.validate() }
    #expect(throws: error) { try Recipe(settings: recipe.settings) }
    #expect(error.description.contains("'affine:2,0.15' with scan pixels; use augmentation none"))
    recipe.scan = .columns
    try recipe.validate()
  }
}
