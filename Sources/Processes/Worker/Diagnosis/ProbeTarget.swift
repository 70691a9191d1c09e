import CLinux
import Foundation

/// The place that an endpoint names, in the terms of the operating system.
enum ProbeTarget: Sendable, Hashable {
  /// A TCP port; an IPv6 address was in brackets.
  case tcp(host: String, port: String, isIPv6: Bool)
  /// A socket in the file system; a path that begins with `@` is an abstract name.
  case ipc(path: String)

  /// Parses an endpoint; nil if it is neither tcp nor ipc.
  init?(_ endpoint: String) {
    if endpoint.hasPrefix("ipc://") {
      self = .ipc(path: String(endpoint.dropFirst("ipc://".count)))
      return
    }
    guard endpoint.hasPrefix("tcp://") else { return nil }
    // An endpoint may begin with the address to connect from and a semicolon.
    let place = endpoint.dropFirst("tcp://".count).split(separator: ";").last ?? ""
    guard let colon = place.lastIndex(of: ":") else { return nil }
    let host = place[..<colon]
    self = .tcp(
      host: String(host.filter { !"[]".contains($0) }),
      port: String(place[place.index(after: colon)...]), isIPv6: host.hasPrefix("["))
  }

  /// Returns the address to connect to.
  ///
  /// Name servers may take several seconds to answer.
  func address() throws(ResolutionError) -> cprobe_address {
    var address = cprobe_address()
    switch self {
    case .tcp(let host, let port, let isIPv6):
      let code = cprobe_resolve(host, port, isIPv6 ? 1 : 0, &address)
      guard code == 0 else { throw ResolutionError(text: String(cString: gai_strerror(code))) }
    case .ipc(let path): cprobe_set_path(path, &address)
    }
    return address
  }
}

/// The reason for which a host name has no address.
struct ResolutionError: Error {
  /// The reason in the words of the operating system.
  let text: String
}
