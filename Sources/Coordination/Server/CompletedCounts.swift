/// The numbers of leases that the members have completed: a multiset with a least element.
///
/// The least one is available in O(1); a change takes O(log n), amortized.
struct CompletedCounts: Sendable {
  private var occurrences: [UInt64: Int] = [:]
  private var distinct = MinimumSet<UInt64>()

  /// Creates an empty multiset.
  init() {}

  /// The least number.
  var least: UInt64? { distinct.first }

  /// Inserts a number once.
  mutating func insert(_ number: UInt64) {
    occurrences[number, default: 0] += 1
    distinct.insert(number)
  }

  /// Removes one occurrence of a number; does nothing if there is none.
  mutating func remove(_ number: UInt64) {
    guard let count = occurrences[number] else { return }
    occurrences[number] = count > 1 ? count - 1 : nil
    if count == 1 { distinct.remove(number) }
  }

  /// Replaces one occurrence of a number.
  mutating func replace(_ old: UInt64, with new: UInt64) {
    insert(new)
    remove(old)
  }
}
