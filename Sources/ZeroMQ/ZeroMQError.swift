/// An error of a socket operation, with one case for each condition that callers handle
/// differently.
public enum ZeroMQError: Error, Sendable, Hashable {
  /// The queue to the peer is full, or no peer is connected; nothing was sent.
  case wouldBlock
  /// No peer with the given address is connected to the router; nothing was sent.
  case unknownPeer
  /// The connection was lost between two frames of a message; the peer receives none of them.
  case connectionLost
  /// A message exceeded the bounds of the receiver. It was discarded entirely; the next one can be
  /// received.
  ///
  /// - Parameters:
  ///   - frames: The number of frames, including a router's address frame.
  ///   - bytes: The total size of the frames.
  ///   - peer: The address of the sender if the socket is a router, otherwise empty.
  case messageTooLarge(frames: Int, bytes: Int, peer: [UInt8])
  /// The endpoint is in use by another socket.
  case addressInUse(endpoint: String)
  /// The address of the endpoint does not belong to an interface of this host.
  case addressNotAvailable(endpoint: String)
  /// The endpoint is malformed or not supported.
  case invalidEndpoint(endpoint: String, reason: String)
  /// The user has no permission to use the endpoint.
  case permissionDenied(endpoint: String)
  /// libzmq cannot protect connections.
  case insufficientLibrary(reason: String)
  /// The context was shut down.
  case contextTerminated
  /// The socket is closed.
  case closed
  /// Any other error that libzmq reports, with its code and text.
  case failed(operation: String, endpoint: String, code: Int32, reason: String)
}

extension ZeroMQError: CustomStringConvertible {
  /// The cause, the endpoint and a remedy in one line.
  public var description: String {
    switch self {
    case .wouldBlock: "the queue to the peer is full, or no peer is connected"
    case .unknownPeer: "no peer with this address is connected"
    case .connectionLost: "the connection was lost in the middle of a message"
    case .messageTooLarge(let frames, let bytes, _):
      "a message of \(frames) frames and \(bytes) bytes exceeds the bounds"
    case .addressInUse(let endpoint):
      "\(endpoint) is in use; stop the other process or choose another port (0 picks a free one)"
    case .addressNotAvailable(let endpoint):
      "\(endpoint) is not an address of this host; use one of its own, or 127.0.0.1"
    case .invalidEndpoint(let endpoint, let reason):
      "\(endpoint) is not a usable endpoint (\(reason)); use tcp://HOST:PORT or ipc://PATH"
    case .permissionDenied(let endpoint):
      "permission denied for \(endpoint); use a port from 1024 on, or another folder"
    case .insufficientLibrary(let reason):
      "libzmq cannot protect connections: \(reason); install libzmq 4.3.3 or later with CURVE"
    case .contextTerminated: "the ZeroMQ context was shut down"
    case .closed: "the socket is closed"
    case .failed(let operation, let endpoint, let code, let reason):
      "\(operation) \(endpoint) failed: \(reason) (\(code))"
    }
  }
}
