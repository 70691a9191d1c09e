internal import CZeroMQ

extension ZeroMQError {
  /// Returns the last error that libzmq reported in this thread.
  static func last(_ operation: String, _ endpoint: String = "") -> ZeroMQError {
    ZeroMQError(code: zmq_errno(), operation: operation, endpoint: endpoint)
  }

  /// Creates an error from a value of errno.
  init(code: Int32, operation: String, endpoint: String = "") {
    let reason = unsafe zmq_strerror(code).map { unsafe String(cString: $0) } ?? "unknown error"
    switch code {
    case EAGAIN: self = .wouldBlock
    case EHOSTUNREACH: self = .unknownPeer
    case ETERM: self = .contextTerminated
    case ENOTSOCK: self = .closed
    case EADDRINUSE: self = .addressInUse(endpoint: endpoint)
    case EADDRNOTAVAIL, ENODEV: self = .addressNotAvailable(endpoint: endpoint)
    case EACCES, EPERM: self = .permissionDenied(endpoint: endpoint)
    case EINVAL, EPROTONOSUPPORT, ENOCOMPATPROTO, ENAMETOOLONG, ENOENT, ENOTDIR:
      self = .invalidEndpoint(endpoint: endpoint, reason: reason)
    default:
      self = .failed(operation: operation, endpoint: endpoint, code: code, reason: reason)
    }
  }
}
