/// A set with a least element, which is available in O(1); insertion and removal of any element
/// take O(log n), amortized.
///
/// A removed element stays in the heap until it is the least one there. The heap is rebuilt when
/// most of its elements are such remains.
struct MinimumSet<Element: Comparable & Hashable & Sendable>: Sendable {
  private var members: Set<Element> = []
  /// All members, and remains of removed ones. The least element is a member.
  private var heap = Heap<Element>()

  /// Creates an empty set.
  init() {}

  /// Whether there are no elements.
  var isEmpty: Bool { members.isEmpty }

  /// Number of elements.
  var count: Int { members.count }

  /// The least element.
  var first: Element? { heap.first }

  /// Number of elements in the heap, at most `2 * count + 16`.
  var heapCount: Int { heap.count }

  /// Returns whether an element is in the set.
  func contains(_ element: Element) -> Bool { members.contains(element) }

  /// Inserts an element; does nothing if it is in the set already.
  mutating func insert(_ element: Element) {
    guard members.insert(element).inserted else { return }
    heap.insert(element)
    removeRemains()
  }

  /// Removes an element; does nothing if it is not in the set.
  mutating func remove(_ element: Element) {
    guard members.remove(element) != nil else { return }
    removeRemains()
  }

  /// Removes and returns the least element.
  mutating func popFirst() -> Element? {
    guard let least = first else { return nil }
    remove(least)
    return least
  }

  private mutating func removeRemains() {
    while let least = heap.first, !members.contains(least) { _ = heap.popFirst() }
    if heap.count > 2 * members.count + 16 { heap = Heap(members) }
  }
}
