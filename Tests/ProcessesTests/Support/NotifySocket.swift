import Foundation
import Glibc
import Synchronization
import Testing

/// A service manager's socket: it collects the messages of sd_notify.
final class NotifySocket {
  /// The value of `NOTIFY_SOCKET`.
  let name: String
  private let descriptor: Int32
  private var collected: [String] = []

  /// Binds a socket at a path, or to an abstract name if it begins with `@`.
  init(_ name: String) throws {
    self.name = name
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if name.hasPrefix("@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let offset = try #require(MemoryLayout<sockaddr_un>.offset(of: \.sun_path))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
        bind(descriptor, $0, socklen_t(offset + bytes.count))
      }
    }
    try #require(result == 0)
  }

  deinit { close(descriptor) }

  /// The messages that have arrived, in order.
  var messages: [String] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
      guard count >= 0 else { return collected }
      collected.append(String(decoding: bytes[..<count], as: UTF8.self))
    }
  }

  /// Waits for a message with this beginning.
  @discardableResult
  func receives(_ beginning: String) async throws -> String {
    try await eventually("'\(beginning)' in \(messages)") {
      messages.last { $0.hasPrefix(beginning) }
    }
  }

  /// Returns the number of messages with this text.
  func count(of text: String) -> Int { messages.count { $0 == text } }
}
