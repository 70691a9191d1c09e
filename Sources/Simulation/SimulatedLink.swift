/// One direction of a connection: the sender's queue, a TCP stream of limited bandwidth, and the
/// receiver's queue, with the rules of libzmq.
///
/// Messages keep their order and share the bandwidth. A message leaves the sender's queue when the
/// bytes ahead of it fit in the buffers of the TCP stream. The receiver's process takes messages
/// from its queue; while that queue is full the stream stops, and the sender's queue fills. The
/// sender is informed about space in its queue after every `(bound + 1) / 2` messages only. If the
/// connection breaks, everything in the link is lost without notice.
struct SimulatedLink<Payload: Sendable>: Sendable {
  /// Result of sending a message.
  enum Sending: Equatable {
    /// The number of the message and the time at which it arrives in the receiver's queue.
    case accepted(number: Int, arrival: Microseconds)
    /// The sender's queue is full; the message was not accepted.
    case wouldBlock
  }

  private struct Entry {
    let number: Int
    let payload: Payload
    let bytes: Int
    let latency: Microseconds
    /// The time at which the first of the remaining bytes is transmitted, and their number.
    var start: Microseconds, left: Int
    /// The time at which the last byte is transmitted.
    var end: Microseconds
    var arrival: Microseconds
  }

  private let bounds: QueueBounds
  private var rate: LinkRate
  /// Messages that the receiver's process has not taken, in order.
  private var entries: [Entry] = []
  private var sent = 0
  /// The number of messages that have left the sender's queue, as far as the sender is informed.
  private var reported = 0
  /// The end of the last transmission, and the arrival of the last message that keeps its order.
  private var lastEnd: Microseconds = 0
  /// The arrival time of the last message.
  private(set) var lastArrival: Microseconds = 0

  /// Creates an empty link.
  init(_ bounds: QueueBounds = QueueBounds(), rate: LinkRate = LinkRate()) {
    self.bounds = bounds
    self.rate = rate
  }

  /// The numbers of the messages that the receiver's process has not taken.
  var pending: [Int] { entries.map(\.number) }

  /// The number of bytes that the receiver's process has not taken.
  var pendingBytes: Int { entries.reduce(0) { $0 + $1.bytes } }

  /// Returns the number of messages in the sender's queue.
  func queued(at now: Microseconds) -> Int {
    // Fast path: everything fits in the receiver's queue and the buffers.
    if entries.count <= bounds.receiver, entries.last?.end ?? 0 <= now { return 0 }
    var (ahead, received) = (0, 0)
    for (index, entry) in entries.enumerated() {
      if ahead > bounds.bufferBytes { return entries.count - index }
      if entry.end <= now, received < bounds.receiver {
        received += 1
      } else {
        ahead += entry.end <= now ? entry.bytes : left(of: entry, at: now)
      }
    }
    return 0
  }

  /// Sends a message.
  ///
  /// - Parameters:
  ///   - earliest: The time before which the last byte is not transmitted, if the sender's host is
  ///     busy.
  ///   - isOvertaken: Whether later messages may arrive before this one.
  mutating func send(
    _ payload: Payload, bytes: Int, latency: Microseconds, earliest: Microseconds = 0,
    isOvertaken: Bool = false, at now: Microseconds
  ) -> Sending {
    guard mayAccept(at: now) else { return .wouldBlock }
    let start = max(now, lastEnd)
    let end = max(rate.end(of: bytes, from: start), earliest)
    let arrival = isOvertaken ? end + latency : max(end + latency, lastArrival)
    if !isOvertaken { lastArrival = arrival }
    lastEnd = end
    sent += 1
    entries.append(
      Entry(
        number: sent, payload: payload, bytes: bytes, latency: latency, start: start, left: bytes,
        end: end, arrival: arrival))
    return .accepted(number: sent, arrival: arrival)
  }

  /// Uses the bandwidth for a message that is lost on the way.
  mutating func lose(bytes: Int, at now: Microseconds) {
    lastEnd = rate.end(of: bytes, from: max(now, lastEnd))
  }

  /// Whether the sender's queue accepts a message.
  mutating func mayAccept(at now: Microseconds) -> Bool {
    let left = sent - queued(at: now)
    let step = (bounds.sender + 1) / 2
    reported = max(reported, left - left % step)
    return sent - reported < bounds.sender
  }

  /// Returns the arrival time of a message; nil if the receiver's process has taken it.
  func arrival(of number: Int) -> Microseconds? {
    entries.first { $0.number == number }?.arrival
  }

  /// Removes a message from the receiver's queue and returns it.
  mutating func take(_ number: Int) -> Payload? {
    guard let index = entries.firstIndex(where: { $0.number == number }) else { return nil }
    return entries.remove(at: index).payload
  }

  /// Changes the bandwidth from now on, and the arrivals of all messages that are not transmitted;
  /// these no longer wait for a busy host or for lost messages.
  mutating func change(_ rate: LinkRate, at now: Microseconds) {
    let former = self.rate
    self.rate = rate
    var free = now
    for index in entries.indices where entries[index].end > now {
      var entry = entries[index]
      entry.left -= min(former.bytes(from: entry.start, to: now), entry.left)
      entry.start = free
      entry.end = rate.end(of: entry.left, from: entry.start)
      entry.arrival = entry.end + entry.latency
      if index > 0 { entry.arrival = max(entry.arrival, entries[index - 1].arrival) }
      free = entry.end
      entries[index] = entry
    }
    lastEnd = free
    lastArrival = entries.map(\.arrival).max() ?? now
  }

  private func left(of entry: Entry, at now: Microseconds) -> Int {
    entry.left - min(rate.bytes(from: entry.start, to: now), entry.left)
  }
}

/// Limits of the queues and buffers of one direction of a connection.
struct QueueBounds: Sendable, Equatable {
  /// The number of messages in the sender's queue (`ZMQ_SNDHWM`) and in the receiver's queue
  /// (`ZMQ_RCVHWM`).
  var sender = 1000, receiver = 1000
  /// The number of bytes in the buffers of the TCP stream.
  var bufferBytes = 256 << 10
}
