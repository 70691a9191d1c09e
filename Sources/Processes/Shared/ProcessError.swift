/// Why a process of the cluster cannot do its work.
package enum ProcessError: Error, Equatable, CustomStringConvertible {
  /// No descriptor for signals is to be had; the number is errno's.
  case signals(code: Int32)
  /// An endpoint of a kind that processes cannot meet at, or without a port to connect to.
  case unusable(endpoint: String)
  /// An endpoint that other hosts can reach, without a word that this is meant.
  case exposed(endpoint: String)
  /// A process cannot be started.
  case launch(name: String, reason: String)
  /// A process cannot be connected with one that it starts; the number is errno's.
  case channel(code: Int32)

  /// One line: what is wrong, and what to do.
  package var description: String {
    switch self {
    case .signals(let code): "signals cannot be received (errno \(code))"
    case .unusable(let endpoint):
      "\(endpoint) cannot be used; write tcp://HOST:PORT or ipc://PATH"
    case .exposed(let endpoint):
      "\(endpoint) can be reached from other hosts and nothing protects it; "
        + "use tcp://127.0.0.1:PORT or ipc://PATH, or say --insecure"
    case .launch(let name, let reason): "\(name) cannot be started: \(reason)"
    case .channel(let code): "no channel to the server can be made (errno \(code))"
    }
  }
}
