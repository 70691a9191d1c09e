public import Bytes

/// A ZeroMQ socket, which is closed when its owner lets go of it.
///
/// It belongs to the thread that made it; the compiler does not let it go to another.
/// Nothing on it waits: a ``Poller`` does that for all sockets of a thread.
public struct Socket: ~Copyable {
  let handle: SocketHandle

  /// A socket that is neither bound nor connected.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``, or
  ///   ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if descriptors or sockets are used
  ///   up.
  public init(
    _ kind: SocketKind, context: Context, options: SocketOptions = SocketOptions()
  ) throws(ZeroMQError) {
    handle = try SocketHandle(kind, context: context, options: options)
  }

  /// A socket that was made before, in a thread that no longer uses it.
  init(_ handle: SocketHandle) {
    self.handle = handle
  }

  deinit {
    handle.close()
  }

  /// Closes the socket; what is queued is still sent while the options' linger lasts.
  public consuming func close() {}

  /// Queues a message without waiting; the peer gets all frames or none.
  ///
  /// On a router the first frame is the peer's address. Long frames are not copied: libzmq sends
  /// from the arrays' own memory, and holds them until it has.
  ///
  /// - Parameter frames: At least one frame.
  /// - Throws: ``ZeroMQError/wouldBlock`` or ``ZeroMQError/unknownPeer`` if nothing was queued,
  ///   ``ZeroMQError/connectionLost`` if the peer went away meanwhile.
  public func send(_ frames: [[UInt8]]) throws(ZeroMQError) {
    precondition(!frames.isEmpty, "a message has at least one frame")
    try handle.sendFirst(frames[0], more: frames.count > 1)
    var broken = false
    for index in frames.indices.dropFirst() {
      // The frames after one that failed go the same way: libzmq drops them up to the last, and
      // takes the next message's first frame for one of them if they do not come.
      let code = try handle.sendPart(frames[index], more: index < frames.count - 1)
      broken = broken || code != 0
    }
    if broken { throw .connectionLost }
  }

  /// Takes the next message, if there is one. Long frames are not copied, but stay where they
  /// arrived as long as somebody holds them.
  ///
  /// On a router the first frame is the peer's address.
  ///
  /// - Parameters:
  ///   - maximumFrames: The most frames that a message may have, a router's address included.
  ///   - maximumBytes: The most bytes that they may have together.
  /// - Returns: The frames, or nil if nothing has arrived.
  /// - Throws: ``ZeroMQError/messageTooLarge(frames:bytes:peer:)`` for a message that was thrown
  ///   away.
  public func receive(
    maximumFrames: Int, maximumBytes: Int
  ) throws(ZeroMQError) -> [Bytes]? {
    var intake = Intake(maximumFrames: maximumFrames, maximumBytes: maximumBytes)
    defer { handle.release() }
    while let part = try handle.receivePart() {
      intake.add(part, from: handle)
      if !part.hasMore { return try intake.message(kind: handle.kind) }
    }
    return nil
  }
}

/// The frames of a message that is being received, as far as they are within the bounds.
private struct Intake {
  let maximumFrames: Int
  let maximumBytes: Int
  private var kept: [Bytes] = []
  private var frames = 0
  private var bytes = 0
  private static let longestAddress = 255

  init(maximumFrames: Int, maximumBytes: Int) {
    self.maximumFrames = maximumFrames
    self.maximumBytes = maximumBytes
  }

  private var isWithinBounds: Bool { frames <= maximumFrames && bytes <= maximumBytes }

  /// Counts a frame and, unless the message is too large already, keeps it.
  mutating func add(_ part: SocketHandle.Part, from handle: SocketHandle) {
    frames += 1
    bytes += part.byteCount
    if isWithinBounds || (frames == 1 && part.byteCount <= Self.longestAddress) {
      kept.append(handle.takePart())
    } else {
      kept.removeLast(max(0, kept.count - 1))
    }
  }

  func message(kind: SocketKind) throws(ZeroMQError) -> [Bytes] {
    guard isWithinBounds else {
      let peer = kind == .router ? kept.first?.array ?? [] : []
      throw .messageTooLarge(frames: frames, bytes: bytes, peer: peer)
    }
    return kept
  }
}
