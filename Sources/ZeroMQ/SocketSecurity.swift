internal import CZeroMQ
internal import Synchronization

/// The protection of a socket's connections.
public enum SocketSecurity: Sendable, Hashable {
  /// Plain text, open to every peer that can connect.
  case none
  /// The server's side of CURVE: connections are encrypted, and an ``Authenticator`` of the same
  /// context, which must exist before the socket, decides about each key.
  case server(CurveSecretKey)
  /// The client's side of CURVE: connects only to the server with this public key.
  case client(server: CurvePublicKey, keys: CurveKeyPair)
}

extension SocketHandle {
  /// The domain of authentication requests; libzmq makes none if it is empty.
  private static let domain = "tributary"

  func apply(_ security: SocketSecurity) throws(ZeroMQError) {
    if case .none = security { return }
    try LibraryVersion.checkSecurity()
    switch security {
    case .none: break
    case .server(let secret):
      // libzmq admits every key where no authenticator is bound.
      guard context.hasAuthenticator.load(ordering: .acquiring) else {
        throw .failed(
          operation: "server socket", endpoint: "", code: EPERM,
          reason: "the context has no authenticator")
      }
      try set(ZMQ_CURVE_SERVER, Int32(1))
      try set(ZMQ_CURVE_SECRETKEY, secret.text)
      try set(ZMQ_ZAP_DOMAIN, Self.domain)
    case .client(let server, let keys):
      try set(ZMQ_CURVE_SERVERKEY, server.text)
      try set(ZMQ_CURVE_PUBLICKEY, keys.publicKey.text)
      try set(ZMQ_CURVE_SECRETKEY, keys.secretKey.text)
    }
  }

  /// Sets an option whose value is a text. An error does not contain the value.
  private func set(_ option: Int32, _ text: String) throws(ZeroMQError) {
    // Keys in Z85 include the final zero; other texts do not, but libzmq ignores it.
    let count = text.utf8.count + (option == ZMQ_ZAP_DOMAIN ? 0 : 1)
    guard unsafe zmq_setsockopt(try open(), option, text, count) == 0 else {
      throw .failed(
        operation: "option \(option)", endpoint: "", code: zmq_errno(),
        reason: "libzmq does not accept the value")
    }
  }
}

/// The version of libzmq and what it supports.
public enum LibraryVersion {
  /// The first version without the known faults of CURVE's handshake and of the decoder.
  static let leastSecure = (major: Int32(4), minor: Int32(3), patch: Int32(3))

  /// The version in use, such as `4.3.4`.
  public static var text: String {
    let version = current
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// Checks whether connections can be protected.
  ///
  /// - Throws: ``ZeroMQError/insufficientLibrary(reason:)`` if libzmq was built without CURVE or is
  ///   older than 4.3.3.
  public static func checkSecurity() throws(ZeroMQError) {
    try unsafe checkSecurity(current, hasCurve: zmq_has("curve") == 1)
  }

  static func checkSecurity(
    _ version: (major: Int32, minor: Int32, patch: Int32), hasCurve: Bool
  ) throws(ZeroMQError) {
    guard hasCurve else { throw .insufficientLibrary(reason: "it was built without CURVE") }
    guard version >= leastSecure else {
      throw .insufficientLibrary(
        reason: "its version is \(version.major).\(version.minor).\(version.patch)")
    }
  }

  private static var current: (major: Int32, minor: Int32, patch: Int32) {
    var version = (major: Int32(0), minor: Int32(0), patch: Int32(0))
    unsafe zmq_version(&version.major, &version.minor, &version.patch)
    return version
  }
}
