/// A reading of a monotonic clock: nanoseconds since an arbitrary fixed start.
///
/// The cores receive moments as arguments and never read a clock. A simulator can therefore run
/// them on a virtual clock, and changes of the wall clock cause no timeouts.
package struct Moment: Comparable, Hashable, Sendable {
  /// Nanoseconds since the clock's start.
  package let nanoseconds: UInt64

  /// Creates a moment from the nanoseconds since the clock's start.
  package init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// Returns whether the left moment is earlier than the right one.
  package static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// Returns the time from `earlier` to this moment; zero if `earlier` is later.
  package func since(_ earlier: Moment) -> Duration {
    guard nanoseconds > earlier.nanoseconds else { return .zero }
    return .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
  }

  /// Returns the moment `duration` after this one; a negative duration counts as zero.
  package func advanced(by duration: Duration) -> Moment {
    let (seconds, attoseconds) = duration.components
    guard seconds >= 0, attoseconds >= 0 else { return self }
    let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
    let step = overflow ? UInt64.max : whole
    let (sum, carried) = nanoseconds.addingReportingOverflow(step)
    let (total, again) = sum.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
    return Moment(nanoseconds: carried || again ? .max : total)
  }
}

extension Duration {
  /// The duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// Intervals and timeouts of the protocol.
package struct Timing: Hashable, Sendable {
  /// Interval between two heartbeats.
  package var heartbeat: Duration
  /// Time without a message after which a peer is considered lost.
  package var silence: Duration
  /// Time for which a worker tries to reach a server before it gives up.
  package var connect: Duration
  /// Time for which the server waits for farewells after a drain.
  package var farewell: Duration
  /// Time for which a worker may hold a lease without progress of its computation.
  package var stall: Duration
  /// Time for which the server waits for workers when too few are connected.
  package var absence: Duration
  /// Time for which a worker looks for a server that it has lost.
  package var patience: Duration
  /// Time for which a worker may hold a lease without answering it, at least; slow workers have
  /// more.
  package var lease: Duration

  /// Creates timings; by default a heartbeat every second and a timeout of five seconds.
  package init(
    heartbeat: Duration = .seconds(1), silence: Duration = .seconds(5),
    connect: Duration = .seconds(30), farewell: Duration = .seconds(2),
    stall: Duration = .seconds(10), absence: Duration = .seconds(600),
    patience: Duration = .seconds(600), lease: Duration = .seconds(60)
  ) {
    self.heartbeat = heartbeat
    self.silence = silence
    self.connect = connect
    self.farewell = farewell
    self.stall = stall
    self.absence = absence
    self.patience = patience
    self.lease = lease
  }
}
