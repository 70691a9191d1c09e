/// The endpoints at which peers reach a server: those that it publishes in its invitations and in
/// the folder of the run.
package struct Advertisement: Sendable, Hashable {
  /// A host, and the port if it is not the one that the server listens at: for a server behind a
  /// forwarded port.
  struct Place: Sendable, Hashable {
    let host: String
    let port: UInt16?
  }

  /// Maximum number of endpoints.
  static let most = 16

  private let places: [Place]

  /// Creates the advertisement of a server by its own addresses.
  package init() {
    places = []
  }

  /// Creates the advertisement of some places, `HOST` or `HOST:PORT` each; nil if one has another
  /// form or stands for all addresses, or if there are more than 16.
  package init?(_ texts: [String]) {
    guard texts.count <= Self.most else { return nil }
    var places: [Place] = []
    for text in texts {
      guard let place = Self.place(text) else { return nil }
      places.append(place)
    }
    self.places = places
  }

  private static func place(_ text: String) -> Place? {
    let host = TCPAddress.isIPv6(text) ? text : TCPAddress.host(text[...])
    let place =
      host.map { Place(host: $0, port: nil) }
      ?? TCPAddress(place: text[...]).map { Place(host: $0.host, port: $0.port) }
    guard let place, place.port != 0,
      !TCPAddress(host: place.host, port: 1).isWildcard
    else { return nil }
    return place
  }

  /// Returns the endpoints to publish for those that a server is bound to: the ones given, or its
  /// own. An endpoint of all addresses is replaced by one for each address of this host.
  func endpoints(bound: [String]) -> [String] {
    guard let port = bound.lazy.compactMap({ TCPAddress($0)?.port }).first else { return bound }
    let endpoints =
      places.isEmpty
      ? bound.flatMap(Self.definite)
      : places.map { TCPAddress(host: $0.host, port: $0.port ?? port).endpoint }
    var seen: Set<String> = []
    return Array(endpoints.filter { seen.insert($0).inserted }.prefix(Self.most))
  }

  private static func definite(_ endpoint: String) -> [String] {
    guard let address = TCPAddress(endpoint), address.isWildcard else { return [endpoint] }
    let own = HostAddresses.ofThisHost.filter { address.host != "0.0.0.0" || !$0.contains(":") }
    return (own.isEmpty ? [TCPAddress.loopback] : own).map {
      TCPAddress(host: $0, port: address.port).endpoint
    }
  }
}
