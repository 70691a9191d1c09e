internal import CZeroMQ

/// What a source is ready for, or what is waited for on it.
public struct Readiness: OptionSet, Sendable, Hashable {
  /// The set as bits.
  public let rawValue: Int16

  /// A set from its bits.
  public init(rawValue: Int16) {
    self.rawValue = rawValue
  }

  /// There is something to receive.
  public static let readable = Readiness(rawValue: Int16(ZMQ_POLLIN))
  /// A message can be queued.
  public static let writable = Readiness(rawValue: Int16(ZMQ_POLLOUT))
  /// A plain descriptor is at its end or broken; reported without being waited for.
  public static let failed = Readiness(rawValue: Int16(ZMQ_POLLERR))
}

/// Waits for any of several sockets and plain file descriptors of one thread.
///
/// Each source has a key, typically a case of an enumeration, by which events are told apart:
///
/// ```swift
/// var poller = Poller<Source>()
/// poller.add(router, as: .peers)
/// poller.add(descriptor: signals, as: .signals)
/// for event in try poller.wait(milliseconds: 100) {
///   switch event.key { … }
/// }
/// ```
///
/// A poller does not keep a socket open; one that was closed makes it throw.
public struct Poller<Key: Hashable> {
  /// A source that is ready.
  public struct Event {
    /// The key under which the source was added.
    public let key: Key
    /// What it is ready for.
    public let readiness: Readiness
  }

  private var keys: [Key] = []
  private var sources = PollSources()

  /// A poller without sources.
  public init() {}

  /// Adds a socket of this thread.
  public mutating func add(
    _ socket: borrowing Socket, as key: Key, for interest: Readiness = .readable
  ) {
    keys.append(key)
    sources.add(.socket(socket.handle), interest)
  }

  /// Adds a plain file descriptor, which must stay open as long as the poller is used.
  public mutating func add(
    descriptor: Int32, as key: Key, for interest: Readiness = .readable
  ) {
    keys.append(key)
    sources.add(.descriptor(descriptor), interest)
  }

  /// Changes what is waited for on the sources with a key; an empty set ignores them.
  public mutating func set(_ interest: Readiness, for key: Key) {
    for index in keys.indices where keys[index] == key { sources.set(interest, at: index) }
  }

  /// Removes the sources with a key.
  public mutating func remove(_ key: Key) {
    for index in keys.indices.reversed() where keys[index] == key {
      keys.remove(at: index)
      sources.remove(at: index)
    }
  }

  /// Waits until a source is ready or the time is over; signals do not end it.
  ///
  /// - Parameter milliseconds: The longest time to wait, nil for any; 0 only looks.
  /// - Returns: The sources that are ready, in the order in which they were added.
  /// - Throws: ``ZeroMQError/contextTerminated`` or ``ZeroMQError/closed``.
  public func wait(milliseconds: Int?) throws(ZeroMQError) -> [Event] {
    let found = try sources.wait(milliseconds: milliseconds)
    return found.map { Event(key: keys[$0.index], readiness: $0.readiness) }
  }
}

/// What a poller waits for, whatever the type of its keys: generic code of another module is slow,
/// and this runs several times in every step.
private struct PollSources {
  enum Source {
    case socket(SocketHandle)
    case descriptor(Int32)
  }

  private var sources: [Source] = []
  private var items: [zmq_pollitem_t] = []

  mutating func add(_ source: Source, _ interest: Readiness) {
    sources.append(source)
    items.append(
      zmq_pollitem_t(socket: nil, fd: -1, events: interest.rawValue, revents: 0))
  }

  mutating func set(_ interest: Readiness, at index: Int) {
    items[index].events = interest.rawValue
  }

  mutating func remove(at index: Int) {
    sources.remove(at: index)
    items.remove(at: index)
  }

  /// The sources that are ready, by their places.
  func wait(
    milliseconds: Int?
  ) throws(ZeroMQError) -> [(index: Int, readiness: Readiness)] {
    let clock = ContinuousClock()
    let deadline = milliseconds.map { clock.now.advanced(by: .milliseconds(max(0, $0))) }
    var items = try openItems()
    var left = milliseconds.map { max(0, $0) } ?? -1
    while zmq_poll(&items, Int32(items.count), left) < 0 {
      guard zmq_errno() == EINTR else { throw .last("poll") }
      if let deadline { left = Self.milliseconds(max(.zero, clock.now.duration(to: deadline))) }
    }
    return items.indices.compactMap { index in
      items[index].revents == 0
        ? nil : (index, Readiness(rawValue: items[index].revents))
    }
  }

  private func openItems() throws(ZeroMQError) -> [zmq_pollitem_t] {
    var items = items
    for index in items.indices {
      switch sources[index] {
      case .socket(let handle): items[index].socket = try handle.open()
      case .descriptor(let descriptor): items[index].fd = descriptor
      }
    }
    return items
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
