internal import Synchronization

/// One end of a connection between two threads, with which each can wake up the other's poller.
///
/// A doorbell transfers no data. Exchange data in shared memory protected by a lock, then ring.
public struct Doorbell: ~Copyable {
  fileprivate let socket: Socket

  fileprivate init(_ handle: SocketHandle) {
    socket = Socket(handle)
  }

  /// Makes the other end readable; has no effect while many earlier rings are still pending.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public func ring() throws(ZeroMQError) {
    do {
      try socket.send([[]])
    } catch .wouldBlock {
      return  // The pending rings suffice to wake up the other thread.
    }
  }

  /// Removes all pending rings, so that the poller waits for the next one.
  ///
  /// Read the shared memory after this call, not before it; otherwise a ring may be missed.
  ///
  /// - Returns: Whether there was a pending ring.
  /// - Throws: ``ZeroMQError/contextTerminated``.
  @discardableResult
  public func drain() throws(ZeroMQError) -> Bool {
    var rung = false
    while try socket.receive(maximumFrames: 1, maximumBytes: 0) != nil { rung = true }
    return rung
  }
}

extension Poller {
  /// Adds a doorbell, which becomes readable when the other end rings.
  public mutating func add(_ bell: borrowing Doorbell, as key: Key) {
    add(bell.socket, as: key)
  }
}

/// The two connected ends of a doorbell; each is taken once, by the thread that uses it.
///
/// Both sockets exist from the start, so rings are kept for an end that has not been taken yet.
public final class DoorbellPair: Sendable {
  /// Identifier of an end. Both ends are equivalent.
  public enum End: Sendable {
    /// One end.
    case first
    /// The other end.
    case second
  }

  // libzmq allows a socket to move between threads if a full memory fence separates the uses; the
  // mutex provides it.
  private struct Ends: @unchecked Sendable {
    var first: SocketHandle?
    var second: SocketHandle?
  }

  private let ends: Mutex<Ends>

  /// Creates two connected ends.
  public init(context: Context) throws(ZeroMQError) {
    let endpoint = context.uniqueEndpoint()
    let first = try SocketHandle(.pair, context: context, options: SocketOptions())
    let second = try SocketHandle(.pair, context: context, options: SocketOptions())
    try first.bind(endpoint)
    try second.connect(endpoint)
    ends = Mutex(Ends(first: first, second: second))
  }

  /// Returns an end for use by the calling thread; traps if the end was taken before.
  public func take(_ end: End) -> Doorbell {
    let taken = ends.withLock { ends in
      let taken: Ends
      switch end {
      case .first: taken = Ends(first: ends.first.take())
      case .second: taken = Ends(first: ends.second.take())
      }
      return taken
    }
    guard let handle = taken.first else { preconditionFailure("this end is already taken") }
    return Doorbell(handle)
  }
}
