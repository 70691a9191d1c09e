@testable import Processes

extension ServerLocation {
  /// The location of a server without keys at any of some endpoints, which need not be between
  /// processes.
  static func route(_ endpoints: String...) -> ServerLocation {
    ServerLocation(ServerRoute(endpoints))
  }
}
