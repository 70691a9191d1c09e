/// A reading of a monotonic clock: nanoseconds since some fixed, unknown start.
///
/// The cores are handed moments and never read a clock, so a simulator may run them on a virtual
/// one, and a wall clock that jumps makes nobody look dead.
package struct Moment: Comparable, Hashable, Sendable {
  /// Nanoseconds since the clock's start.
  package let nanoseconds: UInt64

  /// A moment so many nanoseconds after the clock's start.
  package init(nanoseconds: UInt64) {
    self.nanoseconds = nanoseconds
  }

  /// The earlier of two moments is the smaller.
  package static func < (left: Moment, right: Moment) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The time that passed from `earlier` to this moment; zero if `earlier` is in fact later.
  package func since(_ earlier: Moment) -> Duration {
    guard nanoseconds > earlier.nanoseconds else { return .zero }
    return .nanoseconds(Int64(clamping: nanoseconds - earlier.nanoseconds))
  }

  /// The moment `duration` after this one; a negative duration counts as zero.
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

/// How often the two sides speak, and how long a silence means a loss.
package struct Timing: Hashable, Sendable {
  /// Time between two heartbeats.
  package var heartbeat: Duration
  /// Silence after which a peer counts as lost.
  package var silence: Duration
  /// How long a worker looks for a server before it gives up.
  package var connect: Duration
  /// How long the server waits for farewells once it has said drain.
  package var farewell: Duration
  /// How long a worker may hold a lease without any progress of its computation.
  package var stall: Duration
  /// How long the server waits for a worker when there is none.
  package var absence: Duration

  /// Heartbeats every second, loss after five seconds of silence.
  package init(
    heartbeat: Duration = .seconds(1), silence: Duration = .seconds(5),
    connect: Duration = .seconds(30), farewell: Duration = .seconds(2),
    stall: Duration = .seconds(10), absence: Duration = .seconds(600)
  ) {
    self.heartbeat = heartbeat
    self.silence = silence
    self.connect = connect
    self.farewell = farewell
    self.stall = stall
    self.absence = absence
  }
}
