import Numerics
import Testing

@Suite struct ImageTests {
  private static let identity = AffineMap(origin: [0, 0], column: [1, 0], row: [0, 1])

  private func warped(
    _ image: [Float], height: Int, width: Int, _ map: AffineMap, _ variant: KernelVariant = .best
  ) -> [Float] {
    var pixels = [7] + image + [7]
    let scratch = FloatBuffer(count: (height + 3) * (width + 3))
    scratch.fill(.nan)
    Kernels(variant).warp(
      &pixels, at: 1, height: height, width: width, through: map, scratch: scratch)
    #expect(pixels.first == 7 && pixels.last == 7)
    return Array(pixels[1...image.count])
  }

  @Test(arguments: [(1, 1), (5, 4), (28, 28), (3, 70)], KernelVariant.supported)
  func theIdentityPreservesAllBits(size: (height: Int, width: Int), variant: KernelVariant) {
    let image = noise(size.height * size.width)
    let result = warped(image, height: size.height, width: size.width, Self.identity, variant)
    #expect(result.bits == image.bits)
  }

  @Test(arguments: KernelVariant.supported)
  func aTranslationMovesPixelsAndFillsWithZeros(variant: KernelVariant) {
    let image: [Float] = [1, 2, 3, 4, 5, 6]
    var map = Self.identity
    map.origin = [1, 0]
    #expect(warped(image, height: 2, width: 3, map, variant) == [2, 3, 0, 5, 6, 0])
    map.origin = [-1, 1]
    #expect(warped(image, height: 2, width: 3, map, variant) == [0, 4, 5, 0, 0, 0])
    map.origin = [0.5, 0]
    #expect(warped(image, height: 2, width: 3, map, variant) == [1.5, 2.5, 1.5, 4.5, 5.5, 3])
  }

  /// An image of 5 x 4 pixels, ((37 i + 11) mod 129) / 128, transformed by a map with rotation,
  /// scaling and translation. Expected values: bilinear interpolation with zeros outside the image,
  /// in double precision in Python.
  @Test(arguments: KernelVariant.supported)
  func pointsBetweenPixelsAreInterpolated(variant: KernelVariant) {
    let image = (0..<20).map { Float((37 * $0 + 11) % 129) / 128 }
    let map = AffineMap(origin: [0.3, -0.8], column: [0.9, 0.25], row: [-0.2, 1.1])
    let expected = [
      0.03453125, 0.194765625, 0.485078125, 0.90546875, 0.159375, 0.456640625, 0.75390625,
      0.244921875, 0.264375, 0.562109375, 0.859375, 0.491484375, 0.319921875, 0.667578125,
      0.4609375, 0.254296875, 0.31015625, 0.773046875, 0.6778125, 0.200078125,
    ]
    let ours = warped(image, height: 5, width: 4, map, variant)
    #expect(distance(ours, expected) < 1e-6)
  }

  @Test(arguments: KernelVariant.supported)
  func everyVariantGivesTheSameBits(variant: KernelVariant) {
    for stream in UInt64(0)..<20 {
      let image = noise(28 * 28, stream: stream)
      let numbers = noise(6, stream: 100 + stream)
      let map = AffineMap(
        column: [1 + numbers[0], numbers[1]], row: [numbers[2], 1 + numbers[3]],
        shift: [5 * numbers[4], 5 * numbers[5]], height: 28, width: 28)
      let ours = warped(image, height: 28, width: 28, map, variant)
      #expect(ours.bits == warped(image, height: 28, width: 28, map).bits)
      #expect(ours.allSatisfy { $0 >= -1 && $0 <= 1 })
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, 1e30, -1e30], KernelVariant.supported)
  func pointsFarOutsideTheImageAreZero(value: Float, variant: KernelVariant) {
    let image = [Float](repeating: 1, count: 12)
    let outside = AffineMap(origin: [value, value], column: [1, 0], row: [0, 1])
    #expect(warped(image, height: 3, width: 4, outside, variant).allSatisfy { $0 == 0 })
    let steep = AffineMap(origin: [0, 0], column: [value, value], row: [value, value])
    #expect(warped(image, height: 3, width: 4, steep, variant).allSatisfy { (0...1).contains($0) })
  }

  @Test func theCentreIsAFixedPoint() {
    let map = AffineMap(column: [0.5, 0.25], row: [-0.25, 2], shift: [0, 0], height: 5, width: 7)
    #expect(map.origin + 3 * map.column + 2 * map.row == [3, 2])
    let moved = AffineMap(column: [1, 0], row: [0, 1], shift: [1, -2], height: 5, width: 7)
    #expect(moved.origin == [1, -2])
  }
}
