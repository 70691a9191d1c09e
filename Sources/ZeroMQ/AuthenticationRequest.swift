public import Bytes

/// A request of libzmq to decide about the key of a new connection (ZAP, ZeroMQ RFC 27).
public struct AuthenticationRequest: Sendable, Hashable {
  /// The reason why frames are not such a request.
  public enum Violation: Error, Sendable, Hashable {
    /// The number of frames is not that of a request with a CURVE key.
    case frameCount(Int)
    /// A frame is longer than any valid one.
    case frameSize(index: Int, bytes: Int)
    /// The version is not 1.0.
    case version
    /// The mechanism is not CURVE, or its credential is not a key.
    case credential
  }

  /// The number that libzmq gave the request.
  public let number: [UInt8]
  /// The address of the peer without its port; empty for a peer of this host over ipc.
  public let address: String
  /// The public key of the peer, which it has proved to own.
  public let key: CurvePublicKey

  /// The frames: version, number, domain, address, identity, mechanism, key.
  private static let frameCount = 7
  private static let longestFrame = 255

  /// Parses the frames of a request.
  public init(frames: [Bytes]) throws(Violation) {
    guard frames.count == Self.frameCount else { throw .frameCount(frames.count) }
    for (index, frame) in frames.enumerated() where frame.count > Self.longestFrame {
      throw .frameSize(index: index, bytes: frame.count)
    }
    guard frames[0].array == Array("1.0".utf8) else { throw .version }
    guard frames[5].array == Array("CURVE".utf8), let key = CurvePublicKey(bytes: frames[6].array)
    else { throw .credential }
    number = frames[1].array
    address = String(decoding: frames[3].array, as: UTF8.self)
    self.key = key
  }

  /// Returns the frames of the reply. An admitted peer's messages carry its key.
  func reply(isAdmitted: Bool) -> [[UInt8]] {
    let (status, text, user) =
      isAdmitted ? ("200", "OK", key.text) : ("400", "The key is not valid", "")
    return [Array("1.0".utf8), number, Array(status.utf8), Array(text.utf8), Array(user.utf8), []]
  }
}
