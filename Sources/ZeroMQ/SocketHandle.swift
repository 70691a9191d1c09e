import Bytes
internal import CZeroMQ
internal import Glibc

/// A libzmq socket with one message, reused for everything that it sends and receives.
///
/// A live `zmq_msg_t` must not be moved, since it contains short frames inline; it therefore has a
/// heap allocation. The handle keeps its context alive.
@safe
final class SocketHandle {
  let kind: SocketKind
  let context: Context
  private let message: UnsafeMutablePointer<zmq_msg_t>
  private var raw: UnsafeMutableRawPointer?
  /// Whether a monitor is attached.
  var isMonitored = false

  init(_ kind: SocketKind, context: Context, options: SocketOptions) throws(ZeroMQError) {
    if kind == .router { Self.seedRoutingIDs() }
    guard let raw = unsafe zmq_socket(context.raw, kind.code) else { throw .last("socket") }
    self.kind = kind
    self.context = context
    unsafe self.raw = raw
    unsafe message = .allocate(capacity: 1)
    _ = unsafe zmq_msg_init(message)
    try apply(options)
  }

  deinit {
    close()
    _ = unsafe zmq_msg_close(message)
    unsafe message.deallocate()
  }

  /// Closes the libzmq socket; later calls have no effect.
  func close() {
    stopMonitor()
    if let raw = unsafe raw { _ = unsafe zmq_close(raw) }
    unsafe raw = nil
  }

  /// Stops monitor events, after which the receiving socket may be closed.
  func stopMonitor() {
    if let raw = unsafe raw, isMonitored { _ = unsafe zmq_socket_monitor(raw, nil, 0) }
    isMonitored = false
  }

  /// Returns the open socket for a call that does not store it.
  func open() throws(ZeroMQError) -> UnsafeMutableRawPointer {
    guard let raw = unsafe raw else { throw .closed }
    return unsafe raw
  }

  /// Seeds the generator from which libzmq takes a router's first routing id; it does not do so.
  /// With a predictable id, a peer that chooses the id of a later one would end the process.
  private static func seedRoutingIDs() { srand(UInt32.random(in: 0 ... .max)) }

  private func apply(_ options: SocketOptions) throws(ZeroMQError) {
    for (option, value) in options.numbers { try set(option, value) }
    if kind == .router { try set(ZMQ_ROUTER_MANDATORY, Int32(1)) }
    if kind == .dealer { try set(ZMQ_IMMEDIATE, Int32(options.onlyToConnected ? 1 : 0)) }
    try set(ZMQ_MAXMSGSIZE, max(0, options.maximumFrameBytes))
    try apply(options.security)
  }

  func set<Value: FixedWidthInteger>(
    _ option: Int32, _ value: Value
  ) throws(ZeroMQError) {
    var value = value
    guard unsafe zmq_setsockopt(try open(), option, &value, MemoryLayout<Value>.size) == 0 else {
      throw .failed(
        operation: "option \(option) = \(value)", endpoint: "", code: zmq_errno(),
        reason: "libzmq does not accept the value")
    }
  }
}

extension SocketHandle {
  /// Queues the first frame of a message without blocking; throws if there is no room for it.
  func sendFirst(_ frame: [UInt8], more: Bool) throws(ZeroMQError) {
    var code = try sendPart(frame, more: more)
    if code == EAGAIN {
      try processCommands()
      code = try sendPart(frame, more: more)
    }
    if code != 0 { throw ZeroMQError(code: code, operation: "send") }
  }

  /// Queues one frame of a message without blocking; returns 0 or the value of errno.
  func sendPart(_ frame: [UInt8], more: Bool) throws(ZeroMQError) -> Int32 {
    let socket = try unsafe open()
    unsafe fill(message, with: frame)
    while unsafe zmq_msg_send(message, socket, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0 {
      let code = zmq_errno()
      guard code == EINTR else {
        release()
        return code
      }
    }
    return 0
  }

  /// Makes libzmq process commands from its other threads, such as free capacity in a queue.
  ///
  /// For non-blocking sends libzmq processes them only about once per millisecond.
  func processCommands() throws(ZeroMQError) {
    var events: Int32 = 0
    var size = MemoryLayout<Int32>.size
    _ = unsafe zmq_getsockopt(try open(), ZMQ_EVENTS, &events, &size)
  }

  /// Properties of a received frame that has not been copied yet.
  struct Part {
    let byteCount: Int
    let hasMore: Bool
  }

  /// Receives the next frame into the handle's message without blocking; returns nil if there is
  /// none.
  func receivePart() throws(ZeroMQError) -> Part? {
    let socket = try unsafe open()
    while unsafe zmq_msg_recv(message, socket, ZMQ_DONTWAIT) < 0 {
      switch zmq_errno() {
      case EINTR: continue
      case EAGAIN: return nil
      case let code: throw ZeroMQError(code: code, operation: "receive")
      }
    }
    return unsafe Part(byteCount: zmq_msg_size(message), hasMore: zmq_msg_more(message) != 0)
  }

  /// The origin of the received frame.
  var origin: MessageOrigin {
    let key = unsafe zmq_msg_gets(message, "User-Id").flatMap {
      unsafe CurvePublicKey(String(cString: $0))
    }
    return unsafe MessageOrigin(descriptor: zmq_msg_get(message, ZMQ_SRCFD), key: key)
  }

  /// Returns the received frame: copied if it is short, otherwise in libzmq's memory.
  func takePart() -> Bytes {
    guard unsafe zmq_msg_size(message) < Self.minimumSharedBytes else {
      return unsafe Bytes(ReceivedMessage(taking: message))
    }
    return unsafe Bytes(
      Array(UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))))
  }

  /// Releases the content of the handle's message.
  func release() {
    _ = unsafe zmq_msg_close(message)
    _ = unsafe zmq_msg_init(message)
  }
}
