/// At most one deadline for each key, ordered by time; keys with equal deadlines are ordered by the
/// time at which these were set. Every operation takes O(log n), amortized.
struct Deadlines<Key: Hashable & Sendable>: Sendable {
  private struct Entry: Comparable, Hashable, Sendable {
    let moment: Moment
    /// Number of the call that set the deadline, different for each.
    let order: UInt64
    let key: Key

    static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
    static func < (left: Entry, right: Entry) -> Bool {
      (left.moment, left.order) < (right.moment, right.order)
    }
    func hash(into hasher: inout Hasher) { hasher.combine(order) }
  }

  private var entries: [Key: Entry] = [:]
  private var ordered = MinimumSet<Entry>()
  private var nextOrder: UInt64 = 0

  /// Creates an empty collection.
  init() {}

  /// Number of keys with a deadline.
  var count: Int { entries.count }

  /// The earliest deadline.
  var next: Moment? { ordered.first?.moment }

  /// The key with the earliest deadline.
  var first: Key? { ordered.first?.key }

  /// Number of entries in the heap, at most `2 * count + 16`.
  var heapCount: Int { ordered.heapCount }

  /// The deadline of a key.
  subscript(key: Key) -> Moment? { entries[key]?.moment }

  /// Sets the deadline of a key, and removes its former one.
  mutating func set(_ key: Key, at moment: Moment) {
    let entry = Entry(moment: moment, order: nextOrder, key: key)
    nextOrder += 1
    let former = entries.updateValue(entry, forKey: key)
    ordered.insert(entry)
    if let former { ordered.remove(former) }
  }

  /// Removes the deadline of a key, if it has one.
  mutating func remove(_ key: Key) {
    if let former = entries.removeValue(forKey: key) { ordered.remove(former) }
  }

  /// Removes and returns the key with the earliest deadline if that is not later than `now`.
  mutating func popDue(at now: Moment) -> Key? {
    guard let first = ordered.first, first.moment <= now else { return nil }
    remove(first.key)
    return first.key
  }
}
