import Coordination
import Foundation

/// A connection to the health endpoint: a request of limited size and time, and its answer.
final class HealthConnection {
  /// The descriptor, which does not block.
  let descriptor: Int32
  /// The time at which the connection is closed, whatever it does.
  let deadline: Moment

  private var exchange = HTTPExchange()
  private var isAnswered = false
  private var left = mostBytes

  /// The time from the beginning of a connection to its end, at most.
  static let mostTime = Duration.seconds(5)
  /// The bytes that are read from a connection, at most.
  private static let mostBytes = 1 << 16

  /// Takes over a descriptor.
  init(_ descriptor: Int32, at now: Moment) {
    self.descriptor = descriptor
    deadline = now.advanced(by: Self.mostTime)
  }

  deinit { close(descriptor) }

  /// Reads what has arrived, and answers once the request is complete. After the answer the rest is
  /// read until the peer has closed the connection: to close it before would discard the answer.
  ///
  /// - Returns: whether the connection stays open.
  func serve(_ content: (_ path: String) -> HTTPExchange.Answer?) -> Bool {
    var bytes = [UInt8](repeating: 0, count: HTTPExchange.mostBytes)
    let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    guard count > 0 else { return count < 0 && (errno == EAGAIN || errno == EINTR) }
    left -= count
    if !isAnswered, let answer = exchange.receive(bytes[..<count], content) {
      let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
      // An answer fits into the buffer of a new connection; a peer without room gets none.
      guard send(descriptor, answer, answer.count, flags) == answer.count else { return false }
      shutdown(descriptor, Int32(SHUT_WR))
      isAnswered = true
    }
    return left > 0
  }
}
