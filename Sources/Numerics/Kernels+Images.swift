/// An affine map of the image plane, in which the pixel in column x of row y is at (x, y).
package struct AffineMap: Sendable, Hashable {
  /// The point to which (0, 0) is mapped.
  package var origin: SIMD2<Float>
  /// The displacement of the mapped point per column.
  package var column: SIMD2<Float>
  /// The displacement of the mapped point per row.
  package var row: SIMD2<Float>

  /// Creates the map (x, y) ↦ origin + x · column + y · row.
  package init(origin: SIMD2<Float>, column: SIMD2<Float>, row: SIMD2<Float>) {
    (self.origin, self.column, self.row) = (origin, column, row)
  }

  /// Creates the map x ↦ linear · (x − centre) + centre + shift for an image of the given size,
  /// where linear is the matrix with the columns `column` and `row`.
  package init(
    column: SIMD2<Float>, row: SIMD2<Float>, shift: SIMD2<Float>, height: Int, width: Int
  ) {
    let centre = SIMD2(Float(width - 1), Float(height - 1)) * 0.5
    let origin = centre + shift - (column * centre.x + row * centre.y)
    self.init(origin: origin, column: column, row: row)
  }
}

extension Kernels {
  /// Warps an image in place: each pixel takes the value at its mapped point, interpolated
  /// bilinearly between the four surrounding pixels. Points outside the image have the value 0.
  ///
  /// - Parameters:
  ///   - pixels: contains the image [height, width] at `offset`; height and width are in 1...65536.
  ///   - scratch: memory for at least (height + 3) · (width + 3) floats.
  package func warp(
    _ pixels: inout [Float], at offset: Int, height: Int, width: Int, through map: AffineMap,
    scratch: FloatBuffer
  ) {
    precondition(
      (1...65536).contains(height) && (1...65536).contains(width),
      "an image of \(height) x \(width) is not supported; sides must be in 1...65536")
    precondition(
      offset >= 0 && offset <= pixels.count - height * width,
      "an image of \(height) x \(width) at offset \(offset) exceeds \(pixels.count) pixels")
    precondition(scratch.count >= (height + 3) * (width + 3), "the scratch memory is too small")
    let coefficients = [
      map.origin.x, map.column.x, map.row.x, map.origin.y, map.column.y, map.row.y,
    ]
    unsafe pixels.withUnsafeMutableBufferPointer { pixels in
      guard let start = pixels.baseAddress else { return }
      unsafe table.warp(start + offset, height, width, coefficients, scratch.base)
    }
  }
}
