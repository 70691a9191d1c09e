/// What can go wrong on a socket, one case for each thing that a caller would treat differently.
public enum ZeroMQError: Error, Sendable, Hashable {
  /// The queue to the peer is full, or there is no peer yet; nothing was sent.
  case wouldBlock
  /// No peer with the given address is connected; nothing was sent.
  case unknownPeer
  /// The connection broke between two frames of a message; the peer gets none of them.
  case connectionLost
  /// A message exceeds the bounds given to the receiver. It was thrown away as a whole, and the
  /// next one can be received.
  ///
  /// - Parameters:
  ///   - frames: Its number of frames, a router's address frame included.
  ///   - bytes: Their length together.
  ///   - peer: The sender's address if the socket is a router, else empty.
  case messageTooLarge(frames: Int, bytes: Int, peer: [UInt8])
  /// Another socket is bound to the endpoint.
  case addressInUse(endpoint: String)
  /// The endpoint names no address or interface of this host.
  case addressNotAvailable(endpoint: String)
  /// The endpoint cannot be understood or has a form that cannot be used here.
  case invalidEndpoint(endpoint: String, reason: String)
  /// This user may not use the endpoint.
  case permissionDenied(endpoint: String)
  /// The context was shut down.
  case contextTerminated
  /// The socket was closed before.
  case closed
  /// Anything else that libzmq reports, with its code and text.
  case failed(operation: String, endpoint: String, code: Int32, reason: String)
}

extension ZeroMQError: CustomStringConvertible {
  /// What happened, where, and what to do about it, in one line.
  public var description: String {
    switch self {
    case .wouldBlock: "the queue to the peer is full, or no peer is connected"
    case .unknownPeer: "no peer with this address is connected"
    case .connectionLost: "the connection broke in the middle of a message"
    case .messageTooLarge(let frames, let bytes, _):
      "a message of \(frames) frames and \(bytes) bytes exceeds the bounds"
    case .addressInUse(let endpoint):
      "\(endpoint) is in use; stop the other process or choose another port (0 picks a free one)"
    case .addressNotAvailable(let endpoint):
      "\(endpoint) is no address of this host; use one of its own, or 127.0.0.1"
    case .invalidEndpoint(let endpoint, let reason):
      "\(endpoint) cannot be used (\(reason)); write tcp://HOST:PORT or ipc://PATH"
    case .permissionDenied(let endpoint):
      "\(endpoint) may not be used by this user; choose a port from 1024 on, or another folder"
    case .contextTerminated: "the ZeroMQ context was shut down"
    case .closed: "the socket is closed"
    case .failed(let operation, let endpoint, let code, let reason):
      "\(operation) \(endpoint) failed: \(reason) (\(code))"
    }
  }
}
