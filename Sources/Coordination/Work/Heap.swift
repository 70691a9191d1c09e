/// A binary heap: insertion and removal of the least element take O(log n).
struct Heap<Element: Comparable & Sendable>: Sendable {
  /// The element at index i is not greater than those at 2 i + 1 and 2 i + 2.
  private var elements: [Element] = []

  /// Creates an empty heap.
  init() {}

  /// Creates a heap of some elements, in O(n).
  init(_ elements: some Sequence<Element>) {
    self.elements = Array(elements)
    for index in (0..<self.elements.count / 2).reversed() { siftDown(from: index) }
  }

  /// Whether there are no elements.
  var isEmpty: Bool { elements.isEmpty }

  /// Number of elements.
  var count: Int { elements.count }

  /// The least element.
  var first: Element? { elements.first }

  /// Inserts an element; equal ones are kept as well.
  mutating func insert(_ element: Element) {
    elements.append(element)
    var child = elements.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard elements[child] < elements[parent] else { return }
      elements.swapAt(child, parent)
      child = parent
    }
  }

  /// Removes and returns the least element.
  mutating func popFirst() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let first = elements.first else { return last }
    elements[0] = last
    siftDown(from: 0)
    return first
  }

  private mutating func siftDown(from start: Int) {
    var parent = start
    while 2 * parent + 1 < elements.count {
      let (left, right) = (2 * parent + 1, 2 * parent + 2)
      let isRightLess = right < elements.count && elements[right] < elements[left]
      let child = isRightLess ? right : left
      guard elements[child] < elements[parent] else { return }
      elements.swapAt(child, parent)
      parent = child
    }
  }
}
