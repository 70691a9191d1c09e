/// First-in, first-out queue with constant amortized cost of every operation.
struct Queue<Element: Sendable>: Sendable {
  private var elements: [Element?] = []
  private var head = 0

  /// Creates an empty queue.
  init() {}

  /// Creates a queue of some elements.
  init(_ elements: some Sequence<Element>) {
    self.elements = Array(elements)
  }

  /// Whether the queue has no elements.
  var isEmpty: Bool { head == elements.count }

  /// The number of elements.
  var count: Int { elements.count - head }

  /// The element that was appended first.
  var first: Element? { isEmpty ? nil : elements[head] }

  /// The elements, in the order in which they were appended.
  var elementsInOrder: some Sequence<Element> { elements[head...].lazy.compactMap { $0 } }

  /// Appends an element.
  mutating func append(_ element: Element) { elements.append(element) }

  /// Removes and returns the element that was appended first.
  @discardableResult
  mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let first = elements[head]
    elements[head] = nil
    head += 1
    if head == elements.count {
      elements.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 32, head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return first
  }

  /// Removes all elements.
  mutating func removeAll() {
    elements.removeAll()
    head = 0
  }
}
