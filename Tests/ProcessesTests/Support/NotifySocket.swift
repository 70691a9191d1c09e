import Foundation
import Glibc
import Synchronization
import Testing

/// A service manager's socket: it collects the messages of sd_notify. A thread reads them as they
/// arrive, since the system keeps a few unread ones only.
final class NotifySocket {
  /// The value of `NOTIFY_SOCKET`.
  let name: String
  private let inbox: Inbox

  /// Binds a socket at a path, or to an abstract name if it begins with `@`.
  init(_ name: String) throws {
    self.name = name
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(name.utf8)
    if name.hasPrefix("@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let offset = try #require(MemoryLayout<sockaddr_un>.offset(of: \.sun_path))
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(offset + bytes.count))
      }
    }
    try #require(result == 0)
    inbox = Inbox(descriptor)
    Thread.detachNewThread { [inbox] in inbox.readUntilClosed() }
  }

  deinit { inbox.close() }

  /// The messages that have arrived, in order.
  var messages: [String] { inbox.read() }

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

/// The messages of a socket.
private final class Inbox: Sendable {
  private let descriptor: Int32
  private let state = Mutex((messages: [String](), isClosed: false))

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { Glibc.close(descriptor) }

  /// Reads what has arrived, and returns all messages.
  func read() -> [String] {
    state.withLock { state in
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        guard count >= 0 else { return state.messages }
        state.messages.append(String(decoding: bytes[..<count], as: UTF8.self))
      }
    }
  }

  func readUntilClosed() {
    while !state.withLock(\.isClosed) {
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, 100)
      _ = read()
    }
  }

  func close() { state.withLock { $0.isClosed = true } }
}
