import CLinux
package import Coordination
import Foundation
package import ZeroMQ

/// An offer to join a run: the server's endpoints and public key, and keys for the peer.
/// Its text is a secret.
package struct Invitation: Sendable, Equatable {
  /// The endpoints at which the server can be reached, the best first; none before it has started.
  package var endpoints: [String]
  /// The name of the key in the server's list.
  package let name: String
  /// The role of the key.
  package let role: Credential.Role
  /// The server's public key.
  package let server: CurvePublicKey
  /// The peer's keys.
  package let keys: CurveKeyPair

  /// The environment variable with an invitation.
  package static let variable = "TRIBUTARY_INVITATION"
  /// The content of that variable, if it is set.
  package static var ofEnvironment: String? { ProcessInfo.processInfo.environment[variable] }

  private static let prefix = "tributary-invitation-1."
  private static let mostBytes = 4096

  private struct Content: Codable {
    let endpoints: [String]
    let name: String
    let role: String
    let server: String
    let secret: String
    let `public`: String
  }

  /// Creates an invitation.
  package init(
    endpoints: [String], name: String, role: Credential.Role, server: CurvePublicKey,
    keys: CurveKeyPair
  ) {
    self.endpoints = endpoints
    self.name = name
    self.role = role
    self.server = server
    self.keys = keys
  }

  /// Parses the text of an invitation; spaces and line breaks around it are ignored.
  ///
  /// - Parameter source: what the text comes from, for the error.
  /// - Throws: ``AccessError/notAnInvitation(source:)``.
  package init(text: String, source: String) throws(AccessError) {
    let failure = AccessError.notAnInvitation(source: source)
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.hasPrefix(Self.prefix), text.utf8.count <= Self.mostBytes,
      let data = Self.decode(text.dropFirst(Self.prefix.count)),
      let content = try? JSONDecoder().decode(Content.self, from: data),
      content.endpoints.count <= Advertisement.most,
      content.endpoints.allSatisfy(Endpoint.isConnectable), KeyList.isName(content.name),
      let role = Credential.Role(rawValue: content.role),
      let server = CurvePublicKey(content.server), let secret = CurveSecretKey(content.secret),
      let keys = try? CurveKeyPair(secretKey: secret), keys.publicKey.text == content.public
    else { throw failure }
    self.init(
      endpoints: content.endpoints, name: content.name, role: role, server: server, keys: keys)
  }

  /// Reads an invitation: from standard input if `source` is `-`, from the text itself, or from a
  /// file.
  ///
  /// - Throws: ``AccessError`` or ``FileError``.
  package static func read(_ source: String) throws -> Invitation {
    if source == "-" {
      return try Invitation(text: readLine() ?? "", source: "standard input")
    }
    if isText(source) { return try Invitation(text: source, source: "the text") }
    return try Invitation(text: SecretFile.read(source), source: source)
  }

  /// Overwrites the texts of invitations in this process's arguments, as other users see them.
  package static func hideFromProcessList() { _ = carguments_hide(prefix) }

  /// Whether a text has the form of an invitation, and is not the path of a file.
  package static func isText(_ text: String) -> Bool { text.hasPrefix(prefix) }

  /// The invitation as one line of ASCII, without spaces.
  package var text: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      let content = Content(
        endpoints: endpoints, name: name, role: role.rawValue, server: server.text,
        secret: keys.secretKey.text, public: keys.publicKey.text)
      return Self.prefix
        + (try encoder.encode(content)).base64EncodedString()
        .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
        .replacingOccurrences(of: "=", with: "")
    }
  }

  /// Decodes the URL-safe form of Base64 without padding.
  private static func decode(_ text: Substring) -> Data? {
    var text = text.replacingOccurrences(of: "-", with: "+")
      .replacingOccurrences(of: "_", with: "/")
    text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    return Data(base64Encoded: text)
  }

  /// The protection of a socket that connects to the server.
  package var security: SocketSecurity { .client(server: server, keys: keys) }
}
