/// Priority queue of future events, implemented as a binary heap. Events at the same time are
/// ordered by insertion.
struct EventQueue<Event> {
  private struct Entry {
    let time: Microseconds
    let order: Int
    let event: Event

    func precedes(_ other: Entry) -> Bool {
      time < other.time || time == other.time && order < other.order
    }
  }

  private var heap: [Entry] = []
  private var count = 0

  /// Creates an empty queue.
  init() {}

  var isEmpty: Bool { heap.isEmpty }

  /// Inserts an event at a given time.
  mutating func push(_ event: Event, at time: Microseconds) {
    heap.append(Entry(time: time, order: count, event: event))
    count += 1
    var child = heap.count - 1
    while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Removes and returns the earliest event; returns nil if the queue is empty.
  mutating func pop() -> (time: Microseconds, event: Event)? {
    guard let last = heap.popLast() else { return nil }
    guard let first = heap.first else { return (last.time, last.event) }
    heap[0] = last
    var parent = 0
    while let child = earlierChild(of: parent), heap[child].precedes(heap[parent]) {
      heap.swapAt(child, parent)
      parent = child
    }
    return (first.time, first.event)
  }

  private func earlierChild(of parent: Int) -> Int? {
    let left = 2 * parent + 1
    guard left < heap.count else { return nil }
    let right = left + 1
    return right < heap.count && heap[right].precedes(heap[left]) ? right : left
  }
}
