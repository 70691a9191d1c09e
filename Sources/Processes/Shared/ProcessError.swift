/// An error of the host or the endpoint that keeps a process of the cluster from running.
package enum ProcessError: Error, Equatable, CustomStringConvertible {
  /// The process has no descriptor left for signals; the number is errno's.
  case signals(code: Int32)
  /// The endpoint does not connect processes, or has no port to connect to.
  case unusable(endpoint: String)
  /// The host of an endpoint to listen at has no address, for this reason.
  case unresolved(host: String, reason: String)
  /// A process could not be started.
  case launch(name: String, reason: String)
  /// The channel to a child could not be created; the number is errno's.
  case channel(code: Int32)

  /// One line: the fault, and the remedy.
  package var description: String {
    switch self {
    case .signals(let code): "signals cannot be received (errno \(code))"
    case .unusable(let endpoint):
      "\(endpoint) cannot be used; use tcp://HOST:PORT with the host and port of a server, or "
        + "ipc://PATH"
    case .unresolved(let host, let reason):
      "\(host) is no interface and no name of this host (\(reason)); use an address of this host, "
        + "or * for all"
    case .launch(let name, let reason): "\(name) cannot be started: \(reason)"
    case .channel(let code): "the channel to the server cannot be created (errno \(code))"
    }
  }
}
