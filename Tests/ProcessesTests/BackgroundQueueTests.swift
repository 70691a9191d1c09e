import Dispatch
import Processes
import Synchronization
import Testing

@Suite struct BackgroundQueueTests {
  /// A queue of at most three texts, whose thread waits until ``open()`` is called.
  private final class Recorder: Sendable {
    let queue: BackgroundQueue<String>
    private let gate: DispatchSemaphore
    private let record: Record

    final class Record: Sendable {
      let texts = Mutex<[String]>([])
    }

    init() {
      var behavior = BackgroundQueue<String>.Behavior(capacity: 3) { "\($0) dropped" }
      behavior.merge = { $0.hasPrefix("~") && $1.hasPrefix("~") ? $1 : nil }
      let (gate, record) = (DispatchSemaphore(value: 0), Record())
      (self.gate, self.record) = (gate, record)
      queue = BackgroundQueue("test", behavior) { text in
        if text == "block" { gate.wait() }
        record.texts.withLock { $0.append(text) }
      }
      queue.put("block")
      while !queue.isEmpty {}  // its thread has taken the item
    }

    func open() { gate.signal() }
    var texts: [String] { record.texts.withLock { Array($0.dropFirst()) } }
  }

  @Test func itemsAreProcessedInOrder() {
    let recorder = Recorder()
    for text in ["a", "b", "c"] { recorder.queue.put(text) }
    recorder.open()
    recorder.queue.flush()
    #expect(recorder.texts == ["a", "b", "c"])
  }

  @Test func itemsWithoutRoomAreDroppedAndCounted() {
    let recorder = Recorder()
    for text in ["a", "b", "c", "d", "e"] { recorder.queue.put(text) }
    recorder.open()
    while recorder.texts.count < 3 {}
    for text in ["f", "g"] { recorder.queue.put(text) }
    recorder.queue.flush()
    #expect(recorder.texts == ["a", "b", "c", "2 dropped", "f", "g"])
  }

  @Test func aFlushReportsDroppedItemsToo() {
    let recorder = Recorder()
    for text in ["a", "b", "c", "d"] { recorder.queue.put(text) }
    #expect(!recorder.queue.flush(within: .milliseconds(10)))
    recorder.open()
    #expect(recorder.queue.flush(within: .seconds(60)))
    #expect(recorder.texts == ["a", "b", "c", "1 dropped"])
  }

  @Test func essentialItemsAreNeverDropped() {
    let recorder = Recorder()
    for text in ["a", "b", "c", "d"] { recorder.queue.put(text) }
    recorder.queue.put("last", isEssential: true)
    recorder.open()
    recorder.queue.flush()
    #expect(recorder.texts == ["a", "b", "c", "1 dropped", "last"])
  }

  @Test func mergedItemsNeedNoRoom() {
    let recorder = Recorder()
    for text in ["a", "~1", "~2", "~3", "b", "~4", "~5"] { recorder.queue.put(text) }
    recorder.open()
    recorder.queue.flush()
    #expect(recorder.texts == ["a", "~3", "b", "2 dropped"])
  }
}
