public import Bytes

/// A ZeroMQ socket, closed at the end of its lifetime.
///
/// A socket belongs to the thread that created it; it is not `Sendable`. None of its methods
/// blocks: use a ``Poller`` to wait for all sockets of a thread.
public struct Socket: ~Copyable {
  let handle: SocketHandle

  /// Creates a socket that is neither bound nor connected.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``, or
  ///   ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if the limit of file descriptors or
  ///   sockets is reached.
  public init(
    _ kind: SocketKind, context: Context, options: SocketOptions = SocketOptions()
  ) throws(ZeroMQError) {
    handle = try SocketHandle(kind, context: context, options: options)
  }

  /// Creates a socket from a handle that no other thread uses any longer.
  init(_ handle: SocketHandle) {
    self.handle = handle
  }

  deinit {
    handle.close()
  }

  /// Closes the socket. Queued messages are still sent within ``SocketOptions/lingerMilliseconds``.
  public consuming func close() {}

  /// Queues a message without blocking. The peer receives either all frames or none.
  ///
  /// On a router the first frame is the peer's address. Frames of 4096 bytes or more are not
  /// copied: libzmq sends them from the memory of the arrays.
  ///
  /// - Parameter frames: The frames, at least one.
  /// - Throws: ``ZeroMQError/wouldBlock`` or ``ZeroMQError/unknownPeer`` if nothing was queued,
  ///   ``ZeroMQError/connectionLost`` if the connection was lost between two frames.
  public func send(_ frames: [[UInt8]]) throws(ZeroMQError) {
    precondition(!frames.isEmpty, "a message has at least one frame")
    try handle.sendFirst(frames[0], more: frames.count > 1)
    var broken = false
    for index in frames.indices.dropFirst() {
      // Send the remaining frames after a failure too: libzmq drops frames up to the last one of
      // the message, and would take the next message for a continuation otherwise.
      let code = try handle.sendPart(frames[index], more: index < frames.count - 1)
      broken = broken || code != 0
    }
    if broken { throw .connectionLost }
  }

  /// Returns the next message, or nil if none has arrived; does not block.
  ///
  /// On a router the first frame is the peer's address. Frames of 4096 bytes or more are not
  /// copied; they stay in libzmq's memory until the last copy of their ``Bytes`` is released.
  ///
  /// - Parameters:
  ///   - maximumFrames: The maximum number of frames, including a router's address frame.
  ///   - maximumBytes: The maximum total size of the frames.
  /// - Returns: The frames, or nil if nothing has arrived.
  /// - Throws: ``ZeroMQError/messageTooLarge(frames:bytes:peer:)`` if a message exceeded the bounds
  ///   and was discarded.
  public func receive(
    maximumFrames: Int, maximumBytes: Int
  ) throws(ZeroMQError) -> [Bytes]? {
    var origin: MessageOrigin?
    return try receive(
      maximumFrames: maximumFrames, maximumBytes: maximumBytes, origin: &origin)
  }

  /// Returns the next message of a router like ``receive(maximumFrames:maximumBytes:)``.
  ///
  /// - Parameter origin: Set to the origin of the message, also if it is discarded; nil if none has
  ///   arrived.
  public func receive(
    maximumFrames: Int, maximumBytes: Int, origin: inout MessageOrigin?
  ) throws(ZeroMQError) -> [Bytes]? {
    origin = nil
    var incoming = IncomingMessage(maximumFrames: maximumFrames, maximumBytes: maximumBytes)
    defer { handle.release() }
    while let part = try handle.receivePart() {
      // libzmq does not always attach the connection's properties to the address frame.
      if handle.kind == .router, origin?.isKnown != true { origin = handle.origin }
      incoming.add(part, from: handle)
      if !part.hasMore { return try incoming.message(kind: handle.kind) }
    }
    return nil
  }
}

/// The frames of a message that is being received, as long as they are within the bounds.
private struct IncomingMessage {
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

  /// Counts a frame, and stores it unless the message exceeds the bounds.
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
