/// The numbers of the random streams that a training draws from. Each purpose has its own, so
/// that no draw for one shifts the draws for another.
enum RandomStream {
  /// The initial values of the n-th weight tensor that is drawn at random.
  static func weights(_ tensor: UInt64) -> UInt64 { (1 << 56) | tensor }

  /// The order of an epoch.
  static func order(epoch: UInt64) -> UInt64 { (2 << 56) | (epoch & 0xFF_FFFF_FFFF_FFFF) }

  /// What becomes of the sample at a position of the training.
  static func augmentation(_ position: UInt64) -> UInt64 {
    (3 << 56) | (position & 0xFF_FFFF_FFFF_FFFF)
  }
}
