import Foundation

/// The host and the port of a tcp endpoint.
package struct TCPAddress: Hashable, Sendable {
  /// A host name, an address without brackets, the name of an interface, or `*`.
  package var host: String
  /// The port; 0 for any free one.
  package var port: UInt16

  /// The address through which only processes of the same host connect.
  static let loopback = "127.0.0.1"
  private static let scheme = "tcp://"

  /// Creates an address.
  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Parses an endpoint: `tcp://HOST:PORT`, with an IPv6 address in brackets, and a number or `*`
  /// as the port; nil for another one. The address to connect from, which libzmq permits before a
  /// semicolon, is omitted.
  package init?(_ endpoint: String) {
    guard endpoint.hasPrefix(Self.scheme) else { return nil }
    let place =
      endpoint.dropFirst(Self.scheme.count)
      .split(separator: ";", omittingEmptySubsequences: false).last ?? ""
    self.init(place: place)
  }

  /// Parses `HOST:PORT`; nil if it has another form.
  init?(place: Substring) {
    guard let colon = place.lastIndex(of: ":") else { return nil }
    let text = place[place.index(after: colon)...]
    guard let port = text == "*" ? 0 : UInt16(text), text.first != "+",
      let host = Self.host(place[..<colon])
    else { return nil }
    self.init(host: host, port: port)
  }

  /// Returns the host without the brackets of an IPv6 address; nil if it is none.
  static func host(_ text: Substring) -> String? {
    if text.hasPrefix("["), text.hasSuffix("]"), text.count > 2 {
      return String(text.dropFirst().dropLast())
    }
    let isHost = !text.isEmpty && !text.contains { ":[]/ \t\r\n".contains($0) }
    return isHost ? String(text) : nil
  }

  /// Returns whether a text is an IPv6 address without brackets.
  static func isIPv6(_ text: String) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, text, &address) == 1
  }

  /// The address as an endpoint.
  package var endpoint: String { "\(Self.scheme)\(isIPv6 ? "[\(host)]" : host):\(port)" }

  /// Whether the host is an IPv6 address.
  var isIPv6: Bool { host.contains(":") }
  /// Whether the host stands for all addresses of a host, so that no one can connect to it.
  package var isWildcard: Bool { ["*", "0.0.0.0", "::"].contains(host) }
  /// Whether the host is an address, or all of them, and no name.
  var isNumeric: Bool {
    isIPv6 || isWildcard || host.split(separator: ".").allSatisfy { UInt8($0) != nil }
  }
}
