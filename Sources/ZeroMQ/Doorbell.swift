internal import Synchronization

/// One end of a wire between two threads, on which each can wake the other out of its poller.
///
/// It carries no data: what a ring is about lies in memory that both threads share under a lock.
public struct Doorbell: ~Copyable {
  fileprivate let socket: Socket

  fileprivate init(_ handle: SocketHandle) {
    socket = Socket(handle)
  }

  /// Makes the other end readable; does nothing if the other thread has not heard earlier rings.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public func ring() throws(ZeroMQError) {
    do {
      try socket.send([[]])
    } catch .wouldBlock {
      return  // Several rings wait to be heard; one more would tell nothing new.
    }
  }

  /// Takes all rings that have arrived, so that the poller waits for the next.
  ///
  /// Look at the shared memory after this call, not before it: then no ring is missed.
  ///
  /// - Returns: True if there was one.
  /// - Throws: ``ZeroMQError/contextTerminated``.
  @discardableResult
  public func drain() throws(ZeroMQError) -> Bool {
    var rung = false
    while try socket.receive(maximumFrames: 1, maximumBytes: 0) != nil { rung = true }
    return rung
  }
}

extension Poller {
  /// Adds this thread's end of a doorbell.
  public mutating func add(_ bell: borrowing Doorbell, as key: Key) {
    add(bell.socket, as: key)
  }
}

/// Both ends of a doorbell, connected to each other; each is taken once, by the thread to use it.
///
/// Both sockets exist from the start, so a ring is kept for an end that nobody has taken yet.
public final class DoorbellPair: Sendable {
  /// The names of the two ends, which are equal in all else.
  public enum End: Sendable {
    /// The one end.
    case first
    /// The other end.
    case second
  }

  // A socket may go from one thread to another across a memory barrier, which the lock is.
  private struct Ends: @unchecked Sendable {
    var first: SocketHandle?
    var second: SocketHandle?
  }

  private let ends: Mutex<Ends>

  /// Makes and connects both ends.
  public init(context: Context) throws(ZeroMQError) {
    let endpoint = context.uniqueEndpoint()
    let first = try SocketHandle(.pair, context: context, options: SocketOptions())
    let second = try SocketHandle(.pair, context: context, options: SocketOptions())
    try first.bind(endpoint)
    try second.connect(endpoint)
    ends = Mutex(Ends(first: first, second: second))
  }

  /// Gives one end to the thread that calls; each end can be taken once.
  public func take(_ end: End) -> Doorbell {
    let taken = ends.withLock { ends in
      let taken: Ends
      switch end {
      case .first: taken = Ends(first: ends.first.take())
      case .second: taken = Ends(first: ends.second.take())
      }
      return taken
    }
    guard let handle = taken.first else { preconditionFailure("the end was taken before") }
    return Doorbell(handle)
  }
}
