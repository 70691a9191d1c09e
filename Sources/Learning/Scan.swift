/// How an image is read as a sequence: what one time step of the LSTM sees.
///
/// `rows` is the notebooks' way (28 steps of 28 pixels); `pixels` is the sequential MNIST of
/// Le, Jaitly & Hinton 2015 (784 steps of one pixel).
package enum Scan: String, Sendable, Hashable, CaseIterable {
  /// A step is a row of the image, from top to bottom.
  case rows
  /// A step is a column of the image, from left to right.
  case columns
  /// A step is a single pixel, row by row.
  case pixels

  /// The number of steps in an image of `height` x `width` pixels.
  package func timeSteps(height: Int, width: Int) -> Int {
    switch self {
    case .rows: height
    case .columns: width
    case .pixels: height * width
    }
  }

  /// The number of pixels in one step of an image of `height` x `width` pixels.
  package func features(height: Int, width: Int) -> Int {
    switch self {
    case .rows: width
    case .columns: height
    case .pixels: 1
    }
  }

  /// The order in which pixels are read: place p of the sequence is pixel `order[p]` of the
  /// image stored row by row.
  ///
  /// - Returns: [height * width] a permutation; the identity for `rows` and `pixels`.
  package func order(height: Int, width: Int) -> [Int] {
    switch self {
    case .rows, .pixels: Array(0..<height * width)
    case .columns: (0..<width).flatMap { column in (0..<height).map { $0 * width + column } }
    }
  }
}
