/// A parser of one direction of a ZMTP 3 connection without encryption, which repeats a message on
/// request.
///
/// A greeting of 64 bytes is followed by frames: flags, the body's length in one byte or, if
/// `flags & 2`, in eight with the highest first, and the body. `flags & 1` means that the message
/// has more frames, `flags & 4` that the frame is a command of libzmq, not part of a message.
struct MessageRepeater {
  /// Whether the next complete message is repeated.
  var isArmed = false
  private var left = 64
  private var header: [UInt8] = []
  private var frame: [UInt8] = []
  private var message: [UInt8] = []
  private var isGreeted = false

  /// Returns the bytes to forward for the next received ones.
  mutating func pass(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    var passed: [UInt8] = []
    while let byte = rest.first {
      let part = left > 0 ? rest.prefix(left) : [byte]
      rest = rest.dropFirst(part.count)
      passed += part
      frame += part
      if left > 0 { left -= part.count } else { readHeader(byte) }
      if left == 0 && isFrameWhole { passed += endFrame() }
    }
    return passed
  }

  private var headerLength: Int { header.first.map { $0 & 2 == 0 ? 2 : 9 } ?? 1 }
  private var isFrameWhole: Bool { !isGreeted || header.count == headerLength }

  private mutating func readHeader(_ byte: UInt8) {
    header.append(byte)
    guard header.count == headerLength else { return }
    left = header.dropFirst().reduce(0) { $0 << 8 | Int($1) }
  }

  /// The message to send again, if it is complete and the repeater is armed.
  private mutating func endFrame() -> [UInt8] {
    let flags = header.first ?? 4
    defer { (isGreeted, header, frame) = (true, [], []) }
    guard flags & 4 == 0 else { return [] }
    message += frame
    guard flags & 1 == 0 else { return [] }
    defer { (isArmed, message) = (false, []) }
    return isArmed ? message : []
  }
}
