import Foundation
import TestSupport
import Testing

@testable import Processes

@Suite struct HeapRetentionTests {
  /// Without it every vector of 4,096 pages costs as many page faults again. The measurement has a
  /// process of its own: in one where other tests allocate at the same time, the vector may be
  /// alone in a second heap of its arena, and the C library always returns an empty second heap.
  @Test(.disabled(if: Sanitizer.replacesAllocator, "the sanitizer has an allocator of its own"))
  func aVectorTakesThePagesOfTheOneBefore() async {
    await #expect(processExitsWith: .success) {
      #expect(HeapRetention.enable())
      let later = try (0..<10).map { _ in try pagesOfAVector() }.dropFirst().min()
      #expect(later ?? .max < 1000)
    }
  }
}

/// Returns the number of pages that the kernel supplies while a vector of 16 MiB is made.
private func pagesOfAVector() throws -> Int {
  let before = try pageFaults()
  let vector = [Float](repeating: 1, count: 4 << 20)
  #expect(vector[vector.count - 1] == 1)
  return try pageFaults() - before
}

/// Returns the number of pages that the kernel has supplied to this thread.
private func pageFaults() throws -> Int {
  let text = try String(contentsOfFile: "/proc/thread-self/stat", encoding: .utf8)
  let fields = try #require(text.split(separator: ")").last).split(separator: " ")
  return try #require(Int(fields[7]))  // minflt, the tenth field of all
}
