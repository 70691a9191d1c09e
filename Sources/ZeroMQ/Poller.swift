internal import CZeroMQ

/// The operations for which a source is ready, or for which a poller waits.
public struct Readiness: OptionSet, Sendable, Hashable {
  /// The raw bits.
  public let rawValue: Int16

  /// Creates a set from its raw bits.
  public init(rawValue: Int16) {
    self.rawValue = rawValue
  }

  /// A message can be received, or a descriptor can be read.
  public static let readable = Readiness(rawValue: Int16(ZMQ_POLLIN))
  /// A message can be sent, or a descriptor can be written.
  public static let writable = Readiness(rawValue: Int16(ZMQ_POLLOUT))
  /// A descriptor has failed or was closed by its peer. Always reported, for descriptors only.
  public static let failed = Readiness(rawValue: Int16(ZMQ_POLLERR))
}

/// Waits for events on several sockets and file descriptors of one thread.
///
/// Events are identified by the key of their source, typically a case of an enumeration:
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
/// A poller does not keep its sockets open; waiting for a closed one throws.
public struct Poller<Key: Hashable> {
  /// A source that is ready.
  public struct Event {
    /// The key under which the source was added.
    public let key: Key
    /// The operations for which the source is ready.
    public let readiness: Readiness
  }

  private var keys: [Key] = []
  private var sources = PollSources()

  /// Creates a poller without sources.
  public init() {}

  /// Adds a socket, which must belong to the calling thread.
  public mutating func add(
    _ socket: borrowing Socket, as key: Key, for interest: Readiness = .readable
  ) {
    keys.append(key)
    sources.add(.socket(socket.handle), interest)
  }

  /// Adds a file descriptor, which must stay open while the poller is used.
  public mutating func add(
    descriptor: Int32, as key: Key, for interest: Readiness = .readable
  ) {
    keys.append(key)
    sources.add(.descriptor(descriptor), interest)
  }

  /// Sets the operations to wait for on the sources with a key; an empty set disables them.
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

  /// Waits until a source is ready or the timeout expires; signals do not interrupt the wait.
  ///
  /// - Parameter milliseconds: The timeout; nil for none, 0 to return immediately.
  /// - Returns: The ready sources, in the order in which they were added.
  /// - Throws: ``ZeroMQError/contextTerminated`` or ``ZeroMQError/closed``.
  public func wait(milliseconds: Int?) throws(ZeroMQError) -> [Event] {
    let found = try sources.wait(milliseconds: milliseconds)
    return found.map { Event(key: keys[$0.index], readiness: $0.readiness) }
  }
}

/// The sources of a poller, independent of its key type: unspecialized generic code is slow, and a
/// server polls several times per step.
@safe
private struct PollSources {
  enum Source {
    case socket(SocketHandle)
    case descriptor(Int32)
  }

  private var sources: [Source] = []
  private var items: [zmq_pollitem_t] = unsafe []

  mutating func add(_ source: Source, _ interest: Readiness) {
    sources.append(source)
    unsafe items.append(
      zmq_pollitem_t(socket: nil, fd: -1, events: interest.rawValue, revents: 0))
  }

  mutating func set(_ interest: Readiness, at index: Int) {
    unsafe items[index].events = interest.rawValue
  }

  mutating func remove(at index: Int) {
    sources.remove(at: index)
    unsafe items.remove(at: index)
  }

  /// Returns the ready sources by their index.
  func wait(
    milliseconds: Int?
  ) throws(ZeroMQError) -> [(index: Int, readiness: Readiness)] {
    let clock = ContinuousClock()
    let deadline = milliseconds.map { clock.now.advanced(by: .milliseconds(max(0, $0))) }
    var items = try unsafe openItems()
    var left = milliseconds.map { max(0, $0) } ?? -1
    while unsafe zmq_poll(&items, Int32(items.count), left) < 0 {
      guard zmq_errno() == EINTR else { throw .last("poll") }
      if let deadline { left = Self.milliseconds(max(.zero, clock.now.duration(to: deadline))) }
    }
    return unsafe items.indices.compactMap { index in
      unsafe items[index].revents == 0
        ? nil : (index, Readiness(rawValue: items[index].revents))
    }
  }

  private func openItems() throws(ZeroMQError) -> [zmq_pollitem_t] {
    var items = unsafe items
    for index in unsafe items.indices {
      switch sources[index] {
      case .socket(let handle): unsafe items[index].socket = unsafe try handle.open()
      case .descriptor(let descriptor): unsafe items[index].fd = descriptor
      }
    }
    return unsafe items
  }

  private static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
  }
}
