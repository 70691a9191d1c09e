import Foundation

/// One end of the socket pair between a launcher and its server. The server's end is its standard
/// input; when the launcher ends, for any reason, the server detects the end of the channel.
package final class ControlChannel {
  /// The descriptor, readable when a line or the end has arrived.
  let descriptor: Int32
  /// Whether the other end was open when it was last read.
  private(set) var isOpen = true
  /// Whether a server announces every update.
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

  /// Returns the server's end, which its launcher has passed as its standard input.
  package static func standardInput(announcesSteps: Bool) -> ControlChannel {
    ControlChannel(STDIN_FILENO, isOwned: false, announcesSteps: announcesSteps)
  }

  /// Creates a channel: this process's end, and the end that becomes a child's standard input.
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

  /// Whether the other end is closed now, also if lines from it were not read.
  var isClosed: Bool {
    var entry = pollfd(fd: descriptor, events: 0, revents: 0)
    guard isOpen, poll(&entry, 1, 0) > 0 else { return !isOpen }
    return Int32(entry.revents) & Int32(POLLHUP | POLLERR) != 0
  }

  /// Returns the lines that have arrived; waits if none has.
  func receive() -> [ControlLine] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &bytes, bytes.count)
    if count > 0 { return cutter.take(bytes[..<count]).compactMap { ControlLine($0) } }
    if count == 0 || (errno != EINTR && errno != EAGAIN) { isOpen = false }
    return []
  }

  /// Sends a line; it is lost if the other end is closed or does not read.
  func send(_ line: ControlLine) {
    let bytes = Array((line.text + "\n").utf8)
    let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
    _ = Foundation.send(descriptor, bytes, bytes.count, flags)
  }
}

/// The server's use of its launcher's private folder.
extension ControlChannel {
  /// Runs `work` and then removes the launcher's private folder, unless the launcher still runs and
  /// may start another server there.
  package func removingFolder(_ path: String?, after work: () throws -> Void) rethrows {
    let folder = path.flatMap { PrivateFolder(sharing: $0) }
    defer { if isClosed { folder?.remove() } }
    try work()
  }
}
