/// An affine map of the plane of an image, in which the pixel in column x of row y lies at (x, y).
package struct AffineMap: Sendable, Hashable {
  /// What x and y of the image point add to, at the origin.
  package var origin: SIMD2<Float>
  /// What one column to the right adds to the image point.
  package var column: SIMD2<Float>
  /// What one row down adds to the image point.
  package var row: SIMD2<Float>

  /// The map (x, y) ↦ origin + x · column + y · row.
  package init(origin: SIMD2<Float>, column: SIMD2<Float>, row: SIMD2<Float>) {
    (self.origin, self.column, self.row) = (origin, column, row)
  }

  /// The map x ↦ linear · (x − centre) + centre + shift for an image of the given size, where
  /// linear has the columns `column` and `row`.
  package init(
    column: SIMD2<Float>, row: SIMD2<Float>, shift: SIMD2<Float>, height: Int, width: Int
  ) {
    let centre = SIMD2(Float(width - 1), Float(height - 1)) * 0.5
    let origin = centre + shift - (column * centre.x + row * centre.y)
    self.init(origin: origin, column: column, row: row)
  }
}

extension Kernels {
  /// Replaces an image by what it looks like through `map`: each pixel takes the value at its
  /// image point, interpolated between the four pixels around it; outside, all is 0.
  ///
  /// - Parameters:
  ///   - pixels: holds the image [height, width] at `offset`; each side is in 1...65536.
  ///   - scratch: at least (height + 3) · (width + 3) floats.
  package func warp(
    _ pixels: inout [Float], at offset: Int, height: Int, width: Int, through map: AffineMap,
    scratch: FloatBuffer
  ) {
    precondition((1...65536).contains(height) && (1...65536).contains(width), "no such image")
    precondition(
      offset >= 0 && offset <= pixels.count - height * width,
      "an image of \(height) x \(width) at \(offset) exceeds \(pixels.count) pixels")
    precondition(scratch.count >= (height + 3) * (width + 3), "the scratch memory is too small")
    let coefficients = [
      map.origin.x, map.column.x, map.row.x, map.origin.y, map.column.y, map.row.y,
    ]
    pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      table.warp(start + offset, height, width, coefficients, scratch.base)
    }
  }
}
