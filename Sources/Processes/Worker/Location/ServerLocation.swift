package import Coordination
import Foundation
import Storage

/// The place that names a server: an endpoint, an invitation, or a file or folder that may not
/// exist yet and may change when the server moves to another host.
package struct ServerLocation: Sendable, CustomStringConvertible {
  private enum Source: Sendable {
    case route(ServerRoute)
    case path(String)
  }

  /// The endpoint or the path, for messages.
  package let description: String
  private let source: Source
  private let role: Credential.Role

  /// Creates the location of a server without keys.
  ///
  /// - Throws: ``ProcessError/unusable(endpoint:)``.
  package init(endpoint: String) throws(ProcessError) {
    guard Endpoint.isConnectable(endpoint) else { throw .unusable(endpoint: endpoint) }
    self.init(.route(ServerRoute([endpoint])), endpoint, .worker)
  }

  /// Creates the location that an invitation names.
  ///
  /// - Throws: ``AccessError/role(_:)`` if the invitation is for another role,
  ///   ``AccessError/early`` if it names no endpoint.
  package init(_ invitation: Invitation, role: Credential.Role = .worker) throws(AccessError) {
    guard invitation.role == role else { throw .role(invitation.role.rawValue) }
    guard let first = invitation.endpoints.first else { throw .early }
    self.init(.route(ServerRoute(invitation.endpoints, invitation: invitation)), first, role)
  }

  /// Creates the location that a path names: the folder of a run, or the file of an invitation.
  package init(path: String, role: Credential.Role = .worker) {
    self.init(.path(path), path, role)
  }

  /// Creates the location of a server whose route is known.
  init(_ route: ServerRoute) {
    self.init(.route(route), route.candidates.first?.endpoint ?? "no endpoint", .worker)
  }

  private init(_ source: Source, _ description: String, _ role: Credential.Role) {
    self.source = source
    self.description = description
    self.role = role
  }

  /// Returns the route to the server as it is known now; nil if the file or folder does not name
  /// one yet.
  ///
  /// - Throws: ``AccessError`` or a ``StorageError`` if a file cannot be used.
  package func read() throws -> ServerRoute? {
    switch source {
    case .route(let route): route.candidates.isEmpty ? nil : route
    case .path(let path): try read(path)
    }
  }

  private func read(_ path: String) throws -> ServerRoute? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    guard isFolder.boolValue else { return try route(invitation: path) }
    let published = RunFolder.publishedEndpoints(path)
    if let first = published.first, Endpoint.isPrivate(first) { return ServerRoute([first]) }
    let keys = RunKeys(run: path)
    guard keys.exist else { return published.isEmpty ? nil : ServerRoute(published) }
    let invitation = keys.invitation
    guard FileManager.default.fileExists(atPath: invitation) else { return nil }
    return try route(invitation: invitation, further: loopback(path))
  }

  /// Returns the endpoint for peers on the host of a server that listens at all addresses. Another
  /// server at this endpoint of another host has another key.
  private func loopback(_ path: String) -> [String] {
    guard let address = RunFolder.lastEndpoint(path).flatMap(TCPAddress.init), address.isWildcard
    else { return [] }
    return [TCPAddress(host: TCPAddress.loopback, port: address.port).endpoint]
  }

  private func route(
    invitation path: String, further endpoints: [String] = []
  ) throws -> ServerRoute? {
    let invitation = try Invitation.read(path)
    guard invitation.role == role else { throw AccessError.role(invitation.role.rawValue) }
    guard !invitation.endpoints.isEmpty else { return nil }
    let further = endpoints.filter { !invitation.endpoints.contains($0) }
    return ServerRoute(invitation.endpoints + further, invitation: invitation)
  }
}
