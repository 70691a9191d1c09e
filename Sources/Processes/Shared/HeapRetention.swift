import CLinux

/// The retention of freed memory for later allocations.
package enum HeapRetention {
  /// The greatest size that the C library accepts.
  private static let mappingBytes: Int32 = 32 << 20
  private static let trimBytes: Int32 = 1 << 30

  /// Lets the heap of this process keep vectors that are freed, so that the next ones of the same
  /// size need no new pages: the kernel clears each of these, which takes longer than writing to
  /// it. Call it before the first large allocation.
  ///
  /// By default the C library returns large blocks to the system when they are freed. A worker
  /// keeps that default: its products read matrices in mappings of their own a few percent faster.
  ///
  /// - Returns: whether the C library has accepted the sizes.
  @discardableResult
  package static func enable() -> Bool { cheap_keep(mappingBytes, trimBytes) == 1 }
}
