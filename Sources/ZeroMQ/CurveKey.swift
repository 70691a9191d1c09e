internal import CZeroMQ

/// A public key of CURVE: 40 characters of Z85 (ZeroMQ RFC 32), which encode 32 bytes.
public struct CurvePublicKey: Sendable, Hashable, CustomStringConvertible {
  /// The key in Z85.
  public let text: String

  /// Creates a key from its text; nil if that is not 40 characters of Z85.
  public init?(_ text: String) {
    guard Z85.isKey(text) else { return nil }
    self.text = text
  }

  /// Creates the key of 32 bytes; nil if there are not as many.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Z85.keyBytes else { return nil }
    self.init(Z85.text(of: bytes))
  }

  /// The key in Z85.
  public var description: String { text }
}

/// A secret key of CURVE. Its description does not contain it.
public struct CurveSecretKey: Sendable, Hashable, CustomStringConvertible {
  /// The key in Z85, for the file that stores it.
  public let text: String

  /// Creates a key from its text; nil if that is not 40 characters of Z85.
  public init?(_ text: String) {
    guard Z85.isKey(text) else { return nil }
    self.text = text
  }

  /// A placeholder, so that a key is not logged by accident.
  public var description: String { "(secret)" }

  /// The public key that belongs to this one.
  ///
  /// - Throws: ``ZeroMQError/insufficientLibrary(reason:)`` if libzmq was built without CURVE.
  public var publicKey: CurvePublicKey {
    get throws(ZeroMQError) {
      var bytes = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
      guard unsafe zmq_curve_public(&bytes, text) == 0,
        let key = CurvePublicKey(Z85.text(of: bytes))
      else { throw .insufficientLibrary(reason: "it was built without CURVE") }
      return key
    }
  }
}

/// A pair of keys of CURVE.
public struct CurveKeyPair: Sendable, Hashable {
  /// The key that others have.
  public let publicKey: CurvePublicKey
  /// The key that only the owner has.
  public let secretKey: CurveSecretKey

  /// Creates the pair that belongs to a secret key.
  ///
  /// - Throws: ``ZeroMQError/insufficientLibrary(reason:)`` if libzmq was built without CURVE.
  public init(secretKey: CurveSecretKey) throws(ZeroMQError) {
    self.secretKey = secretKey
    publicKey = try secretKey.publicKey
  }

  /// Creates a new random pair.
  ///
  /// - Throws: ``ZeroMQError/insufficientLibrary(reason:)`` if libzmq was built without CURVE.
  public init() throws(ZeroMQError) {
    var publicBytes = [CChar](repeating: 0, count: Z85.keyCharacters + 1)
    var secretBytes = publicBytes
    guard unsafe zmq_curve_keypair(&publicBytes, &secretBytes) == 0,
      let publicKey = CurvePublicKey(Z85.text(of: publicBytes)),
      let secretKey = CurveSecretKey(Z85.text(of: secretBytes))
    else { throw .insufficientLibrary(reason: "it was built without CURVE") }
    (self.publicKey, self.secretKey) = (publicKey, secretKey)
  }
}

/// The text encoding of ZeroMQ RFC 32: five characters for four bytes.
private enum Z85 {
  static let keyBytes = 32
  static let keyCharacters = 40

  private static let alphabet = Array(
    ("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
      + ".-:+=^!/*?&<>()[]{}@%$#").utf8)
  private static let characters = Set(alphabet)

  /// Whether a text has the length and the characters of a key.
  static func isKey(_ text: String) -> Bool {
    text.utf8.count == keyCharacters && text.utf8.allSatisfy(characters.contains)
  }

  /// Encodes bytes, whose number is a multiple of 4.
  static func text(of bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count - 3, by: 4) {
      var number = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      var block: [UInt8] = []
      for _ in 0..<5 {
        block.append(alphabet[number % alphabet.count])
        number /= alphabet.count
      }
      text += block.reversed()
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text of a C string.
  static func text(of characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
