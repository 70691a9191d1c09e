import Coordination
import Testing

@testable import Processes

@Suite struct StopSequenceTests {
  private let start = Moment(nanoseconds: 7_000_000_000)

  private func after(_ seconds: Double) -> Moment { start.advanced(by: .seconds(seconds)) }

  @Test func signalsWithinTheFirstSecondAreOneRequest() {
    var stop = StopSequence(.terminate, grace: .seconds(10), at: start)
    for (signal, time) in [(SignalDescriptor.Signal.terminate, 0.0), (.interrupt, 0.999)] {
      #expect(stop.take(signal, at: after(time)) == .ignored)
    }
    #expect(stop.signal == .terminate && !stop.isHastened)
    #expect(!stop.isExpired(at: after(9.999)) && stop.isExpired(at: after(10)))
  }

  @Test func aLaterSignalShortensTheGracePeriod() {
    var stop = StopSequence(.terminate, grace: .seconds(10), at: start)
    #expect(stop.take(.interrupt, at: after(1)) == .hastened)
    #expect(stop.signal == .interrupt && stop.isHastened)
    #expect(!stop.isExpired(at: after(2.999)) && stop.isExpired(at: after(3)))
    #expect(stop.take(.interrupt, at: after(2.9)) == .ignored, "the deadline stays")
    #expect(stop.isExpired(at: after(3)))
  }

  @Test func aSecondSignalNeverExtendsTheGracePeriod() {
    var stop = StopSequence(.interrupt, grace: .seconds(2), at: start)
    #expect(stop.take(.interrupt, at: after(1.5)) == .hastened)
    #expect(stop.isExpired(at: after(2)))
  }

  @Test func hangUpsNeverShortenTheGracePeriod() {
    var stop = StopSequence(.hangUp, grace: .seconds(10), at: start)
    #expect(stop.take(.hangUp, at: after(5)) == .ignored)
    #expect(stop.take(.terminate, at: after(6)) == .forwarded)
    #expect(stop.signal == .terminate && !stop.isHastened)
    #expect(stop.take(.hangUp, at: after(8)) == .ignored)
    #expect(stop.take(.terminate, at: after(6.5)) == .ignored)
    #expect(stop.isExpired(at: after(10)), "the grace period began with the first signal")
    #expect(stop.take(.terminate, at: after(7)) == .hastened)
  }
}
