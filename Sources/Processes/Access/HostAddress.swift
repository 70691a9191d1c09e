import CLinux

/// The address of this host for other hosts.
enum HostAddress {
  /// Returns an endpoint to which other hosts can connect: one that is bound to every address of
  /// this host, with one of these instead.
  static func advertised(_ endpoint: String) -> String {
    guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else {
      return endpoint
    }
    let host = endpoint[endpoint.index(endpoint.startIndex, offsetBy: 6)..<colon]
    guard host == "0.0.0.0" || host == "*" || host == "[::]" else { return endpoint }
    return "tcp://\(firstAddress ?? "127.0.0.1")\(endpoint[colon...])"
  }

  /// The first IPv4 address of an interface that is up and not the loopback.
  private static var firstAddress: String? {
    var text = [CChar](repeating: 0, count: 64)
    guard caddresses_first(&text, UInt32(text.count)) == 1 else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
