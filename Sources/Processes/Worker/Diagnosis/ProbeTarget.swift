import CLinux
import Foundation

/// The place that an endpoint names, in the terms of the operating system.
enum ProbeTarget: Sendable, Hashable {
  /// A TCP port.
  case tcp(host: String, port: String)
  /// A socket in the file system; a path that begins with `@` is an abstract name.
  case ipc(path: String)

  /// Parses an endpoint; nil if it is neither tcp nor ipc.
  init?(_ endpoint: String) {
    if endpoint.hasPrefix("ipc://") {
      self = .ipc(path: String(endpoint.dropFirst("ipc://".count)))
    } else if let address = TCPAddress(endpoint) {
      self = .tcp(host: address.host, port: "\(address.port)")
    } else {
      return nil
    }
  }

  /// Returns the address to connect to.
  ///
  /// Name servers may take several seconds to answer.
  func address() throws(ResolutionError) -> cprobe_address {
    var address = cprobe_address()
    switch self {
    case .tcp(let host, let port):
      let code = cprobe_resolve(host, port, &address)
      guard code == 0 else { throw ResolutionError(text: String(cString: gai_strerror(code))) }
    case .ipc(let path): cprobe_set_path(path, &address)
    }
    return address
  }
}
