package import Dispatch
import Synchronization

/// A queue of items that a thread of its own processes in order, so that the threads that add items
/// never wait for a slow disk or a blocked terminal.
///
/// The queue is bounded: an item for which there is no room is dropped and counted. The number of
/// dropped items is queued as an item itself, in their place, as soon as there is room again.
package final class BackgroundQueue<Item: Sendable>: Sendable {
  /// The functions that adapt a queue to its items.
  package struct Behavior: Sendable {
    /// Limit on the sum of the costs of all waiting items.
    package var capacity: Int
    /// Returns the cost of an item.
    package var cost: @Sendable (Item) -> Int = { _ in 1 }
    /// Returns the item that replaces the newest waiting one when another is added; nil to process
    /// both.
    package var merge: @Sendable (_ waiting: Item, _ added: Item) -> Item? = { _, _ in nil }
    /// Returns whether an item is processed at once; others wait for one that is, since waking a
    /// thread takes time from the threads that compute.
    package var isUrgent: @Sendable (Item) -> Bool = { _ in true }
    /// Returns the item that reports a number of dropped ones; nil for no report.
    package var notice: @Sendable (_ dropped: Int) -> Item?

    /// Creates a behavior in which each item costs 1 and none is merged.
    package init(capacity: Int, notice: @escaping @Sendable (_ dropped: Int) -> Item?) {
      self.capacity = capacity
      self.notice = notice
    }
  }

  private struct State {
    /// The oldest items in reverse order, then ``newest`` in order.
    var oldest: [Item] = []
    var newest: [Item] = []
    var cost = 0
    var dropped = 0
    var isScheduled = false
  }

  private let state = Mutex(State())
  private let queue: DispatchQueue
  private let behavior: Behavior
  private let process: @Sendable (Item) -> Void

  /// Creates a queue whose thread passes each item to `process`.
  package init(
    _ label: String, _ behavior: Behavior, process: @escaping @Sendable (Item) -> Void
  ) {
    queue = DispatchQueue(label: label)
    self.behavior = behavior
    self.process = process
  }

  /// Adds an item, or drops it if there is no room.
  ///
  /// - Parameter isEssential: whether the item is added even if there is no room.
  package func put(_ item: Item, isEssential: Bool = false) {
    state.withLock { state in
      if let last = state.newest.last, let merged = behavior.merge(last, item) {
        state.newest[state.newest.count - 1] = merged
        state.cost += behavior.cost(merged) - behavior.cost(last)
        return
      }
      let cost = behavior.cost(item)
      guard isEssential || state.cost + cost <= behavior.capacity else {
        state.dropped += 1
        return
      }
      reportDropped(&state)
      append(item, &state)
    }
  }

  /// Whether no item waits; the last one may still be under way.
  package var isEmpty: Bool { state.withLock { $0.oldest.isEmpty && $0.newest.isEmpty } }

  /// Waits until every item added before has been processed.
  package func flush() {
    state.withLock { reportDropped(&$0) }
    queue.sync {}
  }

  /// Waits until every item added before has been processed, but not longer than `limit`.
  ///
  /// - Returns: whether they have been processed.
  @discardableResult
  package func flush(within limit: DispatchTimeInterval) -> Bool {
    state.withLock { reportDropped(&$0) }
    let isDone = DispatchSemaphore(value: 0)
    queue.async { isDone.signal() }
    return isDone.wait(timeout: .now() + limit) == .success
  }

  private func reportDropped(_ state: inout State) {
    guard state.dropped > 0 else { return }
    if let notice = behavior.notice(state.dropped) { append(notice, &state) }
    state.dropped = 0
  }

  private func append(_ item: Item, _ state: inout State) {
    state.newest.append(item)
    state.cost += behavior.cost(item)
    guard !state.isScheduled, behavior.isUrgent(item) || 2 * state.cost > behavior.capacity
    else { return }
    state.isScheduled = true
    queue.async { [self] in
      while let item = next() { process(item) }
    }
  }

  /// Takes the oldest item.
  private func next() -> Item? {
    state.withLock { state in
      if state.oldest.isEmpty {
        state.oldest = state.newest.reversed()
        state.newest = []
      }
      guard let item = state.oldest.popLast() else {
        state.isScheduled = false
        return nil
      }
      state.cost -= behavior.cost(item)
      return item
    }
  }
}
