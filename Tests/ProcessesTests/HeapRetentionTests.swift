import Foundation
import TestSupport
import Testing

@testable import Processes

@Suite struct HeapRetentionTests {
  /// Returns the number of pages that the kernel has supplied to this thread.
  private func pageFaults() throws -> Int {
    let text = try String(contentsOfFile: "/proc/thread-self/stat", encoding: .utf8)
    let fields = try #require(text.split(separator: ")").last).split(separator: " ")
    return try #require(Int(fields[7]))  // minflt, the tenth field of all
  }

  /// Without it every vector of 4,096 pages costs as many page faults again.
  @Test(.disabled(if: Sanitizer.replacesAllocator, "the sanitizer has an allocator of its own"))
  func aVectorTakesThePagesOfTheOneBefore() throws {
    #expect(HeapRetention.enable())
    func pages() throws -> Int {
      let before = try pageFaults()
      let vector = [Float](repeating: 1, count: 4 << 20)
      #expect(vector[vector.count - 1] == 1)
      return try pageFaults() - before
    }
    let later = try (0..<10).map { _ in try pages() }.dropFirst().min()
    #expect(later ?? .max < 1000)
  }
}
