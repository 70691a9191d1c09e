import Foundation

/// One end of the line between a launcher and its server. The server's end is its standard input;
/// when the launcher ends, however it ends, the server sees the end of the channel.
package final class ControlChannel {
  /// The descriptor, readable when a line or the end has come.
  let descriptor: Int32
  /// Whether the other end is there.
  private(set) var isOpen = true
  /// Whether a server tells every update.
  let announcesSteps: Bool
  private let isOwned: Bool
  private var cutter = LineCutter()

  private init(_ descriptor: Int32, isOwned: Bool, announcesSteps: Bool = false) {
    self.descriptor = descriptor
    self.isOwned = isOwned
    self.announcesSteps = announcesSteps
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// The server's end, which its launcher gave it as its standard input.
  package static func standardInput(announcesSteps: Bool) -> ControlChannel {
    ControlChannel(STDIN_FILENO, isOwned: false, announcesSteps: announcesSteps)
  }

  /// A new channel: this process's end, and the one that a child gets as its standard input.
  ///
  /// - Throws: ``ProcessError/channel(code:)`` if there are no descriptors left.
  static func make() throws(ProcessError) -> (own: ControlChannel, child: FileHandle) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw .channel(code: errno) }
    return (
      ControlChannel(ends[0], isOwned: true),
      FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    )
  }

  /// Takes the lines that have come; waits if nothing has.
  func receive() -> [ControlLine] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    if count > 0 { return cutter.take(bytes[..<count]).compactMap { ControlLine($0) } }
    if count == 0 || (errno != EINTR && errno != EAGAIN) { isOpen = false }
    return []
  }

  /// Sends a line; it is lost if the other end is gone or does not read.
  func send(_ line: ControlLine) {
    let bytes = Array((line.text + "\n").utf8)
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    _ = Foundation.send(descriptor, bytes, bytes.count, flags)
  }
}
