/// The order in which an image is read as a sequence, and the pixels that the LSTM reads at one
/// time step.
///
/// The notebooks use `rows` (28 time steps of 28 pixels); `pixels` is the sequential MNIST of Le,
/// Jaitly & Hinton 2015 (784 time steps of one pixel).
package enum Scan: String, Sendable, Hashable, CaseIterable {
  /// A time step is a row of the image, from top to bottom.
  case rows
  /// A time step is a column of the image, from left to right.
  case columns
  /// A time step is a single pixel, row by row.
  case pixels

  /// Returns the number of time steps in an image of `height` x `width` pixels.
  package func timeSteps(height: Int, width: Int) -> Int {
    switch self {
    case .rows: height
    case .columns: width
    case .pixels: height * width
    }
  }

  /// Returns the number of pixels in one time step of an image of `height` x `width` pixels.
  package func features(height: Int, width: Int) -> Int {
    switch self {
    case .rows: width
    case .columns: height
    case .pixels: 1
    }
  }

  /// Returns the order in which pixels are read: element p of the sequence is pixel `order[p]` of
  /// the image in row-major order.
  ///
  /// - Returns: [height * width], a permutation; the identity for `rows` and `pixels`.
  package func order(height: Int, width: Int) -> [Int] {
    switch self {
    case .rows, .pixels: Array(0..<height * width)
    case .columns: (0..<width).flatMap { column in (0..<height).map { $0 * width + column } }
    }
  }
}
