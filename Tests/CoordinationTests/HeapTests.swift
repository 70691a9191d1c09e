import TestSupport
import Testing

@testable import Coordination

@Suite struct HeapTests {
  @Test func anEmptyHeapHasNoFirst() {
    var heap = Heap<Int>()
    #expect(heap.isEmpty && heap.count == 0 && heap.first == nil)
    #expect(heap.popFirst() == nil)
  }

  @Test(arguments: [1, 2, 3, 10, 100, 1000])
  func elementsAreRemovedInAscendingOrder(count: Int) {
    var random = SplitMix64(state: UInt64(count))
    let numbers = (0..<count).map { _ in Int(random.next() % 50) }
    var inserted = Heap<Int>()
    for number in numbers { inserted.insert(number) }
    for var heap in [inserted, Heap(numbers)] {
      #expect(heap.count == count && heap.first == numbers.min())
      var removed: [Int] = []
      while let number = heap.popFirst() { removed.append(number) }
      #expect(removed == numbers.sorted())
    }
  }

  @Test func insertionsAndRemovalsMayAlternate() {
    var random = SplitMix64(state: 5)
    var heap = Heap<UInt64>()
    var model: [UInt64] = []
    for _ in 0..<10_000 {
      if random.next() % 3 < 2 {
        let number = random.next() % 100
        heap.insert(number)
        model.append(number)
      } else {
        let least = model.indices.min { model[$0] < model[$1] }
        #expect(heap.popFirst() == least.map { model.remove(at: $0) })
      }
      #expect(heap.count == model.count && heap.isEmpty == model.isEmpty)
    }
  }
}

@Suite struct MinimumSetTests {
  @Test func aSetBehavesLikeASetWithALeastElement() {
    var random = SplitMix64(state: 6)
    var set = MinimumSet<UInt64>()
    var model: Set<UInt64> = []
    for _ in 0..<10_000 {
      let number = random.next() % 200
      switch random.next() % 5 {
      case 0, 1:
        set.insert(number)
        model.insert(number)
      case 2, 3:
        set.remove(number)
        model.remove(number)
      default:
        let least = model.min()
        #expect(set.popFirst() == least)
        if let least { model.remove(least) }
      }
      #expect(set.first == model.min() && set.contains(number) == model.contains(number))
      #expect(set.count == model.count && set.isEmpty == model.isEmpty)
      #expect(set.heapCount <= 2 * set.count + 16)
    }
  }

  /// The least element stays, so that nothing is removed from the front of the heap.
  @Test func repeatedInsertionAndRemovalDoNotEnlargeTheHeap() {
    var set = MinimumSet<Int>()
    set.insert(0)
    for number in 1..<1000 {
      for _ in 0..<10 {
        set.insert(number)
        set.remove(number)
      }
      #expect(set.first == 0 && set.heapCount <= 18)
    }
  }
}

@Suite struct QueueTests {
  @Test func elementsAreRemovedInTheOrderOfTheirInsertion() {
    var random = SplitMix64(state: 7)
    var queue = Queue(0..<3)
    var model = Array(0..<3)
    for number in 3..<10_000 {
      if random.next().isMultiple(of: 2) {
        queue.append(number)
        model.append(number)
      } else {
        #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
      }
      #expect(queue.count == model.count && queue.isEmpty == model.isEmpty)
    }
  }
}
