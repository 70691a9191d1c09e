/// The identifiers of the random streams of a training. Each purpose has a separate stream, so that
/// random numbers drawn for one purpose do not affect another.
enum RandomStream {
  /// Returns the stream for the initial values of the weight tensor with the given number.
  static func weights(_ tensor: UInt64) -> UInt64 { (1 << 56) | tensor }

  /// Returns the stream for the order of an epoch.
  static func order(epoch: UInt64) -> UInt64 { (2 << 56) | (epoch & 0xFF_FFFF_FFFF_FFFF) }

  /// Returns the stream for the augmentation of the sample at a training position.
  static func augmentation(_ position: UInt64) -> UInt64 {
    (3 << 56) | (position & 0xFF_FFFF_FFFF_FFFF)
  }
}
