import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Processes

@Suite(.limit(minutes: 2))
struct FaultyRunnerTests {
  private static let weights = PiecewiseVector([1])

  @Test func newWeightsAreAVisitWhenTheyAreLoaded() throws {
    let crashes = CrashCounter()
    let runner = FaultyRunner(Stub.Runner(), trigger: crashes.trigger(at: "load:2"), hang: nil)
    var counts: [Int] = []
    for version in 1...3 as ClosedRange<UInt64> {
      #expect(try runner.run(.load(Self.weights, version: version)) == nil)
      #expect(try runner.run(.compute(Stub.lease(version))) != nil)
      counts.append(crashes.count)
    }
    #expect(counts == [0, 1, 1])
  }

  @Test func aLeaseIsAVisitWhenItIsComputed() throws {
    let crashes = CrashCounter()
    let base = Stub.Runner { lease in
      #expect(crashes.count == 0, "the crash comes after the computation")
      if lease.id.counter == 1 { throw Stub.Failure(description: "broken") }
    }
    let runner = FaultyRunner(base, trigger: crashes.trigger(at: "computed:2"), hang: nil)
    #expect(throws: Stub.Failure.self) { try runner.run(.compute(Stub.lease(1))) }
    _ = try runner.run(.compute(Stub.lease(2)))
    #expect(crashes.count == 0)
    _ = try runner.run(.compute(Stub.lease(3)))
    #expect(crashes.count == 1)
  }

  @Test func aHangStartsAtItsLease() async throws {
    let counters = Counters()
    Thread.detachNewThread {
      let base = Stub.Runner { counters.append($0.id.counter) }
      let runner = FaultyRunner(base, trigger: CrashTrigger(at: nil), hang: 3)
      for counter in 1...4 as ClosedRange<UInt64> {
        _ = try? runner.run(.load(Self.weights, version: counter))
        _ = try? runner.run(.compute(Stub.lease(counter)))
      }
    }
    _ = try await eventually("two leases") { counters.values.count == 2 ? true : nil }
    try await Task.sleep(for: .milliseconds(50))
    #expect(counters.values == [1, 2])
  }

  @Test func aSlowedRunnerTakesLongerAndAdvancesMeanwhile() throws {
    let progress = ComputeProgress()
    let base = Stub.Runner { _ in Thread.sleep(forTimeInterval: 0.02) }
    let runner = SlowedRunner(base, factor: 5, progress: progress)
    let start = ContinuousClock.now
    #expect(try runner.run(.compute(Stub.lease(1))) == Stub.result(of: Stub.lease(1)))
    #expect(ContinuousClock.now - start >= .milliseconds(100))
    #expect(progress.count > 0)
  }

  @Test func oneBitOfEveryNthGradientIsFlipped() throws {
    let runner = FlippingRunner(Stub.EchoingRunner(), every: 3)
    let weights: [Float] = [1, 0, -2, .pi]
    _ = try runner.run(.prepare(Stub.welcome(elements: 4)))
    _ = try runner.run(.load(PiecewiseVector(weights), version: 0))
    let gradients = try (1...9 as ClosedRange<UInt64>).map { counter in
      let result = try #require(try runner.run(.compute(Stub.lease(counter))))
      #expect(result.contributions[0].values.pieceCount == 2, "in pieces of the server's size")
      return result.contributions[0].values.floats
    }
    let bits = gradients.map { values in
      zip(values, weights).map { ($0.bitPattern ^ $1.bitPattern).nonzeroBitCount }.reduce(0, +)
    }
    #expect(bits == [0, 0, 1, 0, 0, 1, 0, 0, 1])
    #expect(gradients[2].last != .pi && gradients[2].dropLast() == weights.dropLast())
  }

  @Test func resultsWithoutGradientsAreNotFlipped() throws {
    let runner = FlippingRunner(Stub.Runner(), every: 1)
    let result = try runner.run(.compute(Stub.lease(1)))
    #expect(result == Stub.result(of: Stub.lease(1)))
  }

  @Test func withoutFaultsARunnerIsNotDecorated() {
    let (base, progress) = (Stub.Runner(), ComputeProgress())
    #expect(WorkerFaults().inject(into: base, progress: progress) === base)
    var faults = WorkerFaults()
    faults.hang = 1
    #expect(faults.inject(into: base, progress: progress) is FaultyRunner)
    faults.slowDown = 2
    #expect(faults.inject(into: base, progress: progress) is SlowedRunner)
    faults = WorkerFaults()
    faults.flip = 1
    #expect(faults.inject(into: base, progress: progress) is FlippingRunner)
  }
}

/// Numbers that one thread appends and another reads.
private final class Counters: Sendable {
  private let numbers = Mutex<[UInt64]>([])

  var values: [UInt64] { numbers.withLock { $0 } }

  func append(_ number: UInt64) { numbers.withLock { $0.append(number) } }
}
