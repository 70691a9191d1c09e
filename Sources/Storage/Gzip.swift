import CZlib

/// Gzip files (RFC 1952), inflated by zlib. No other file uses zlib.
package enum Gzip {
  /// Whether `bytes` begin with the magic number of gzip.
  package static func isCompressed(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: magic)
  }

  /// Reads the file at `path` and inflates it if it is gzip-compressed; neither the file nor its
  /// content may exceed `limit` bytes.
  ///
  /// - Throws: `FileError` or `GzipError`.
  package static func read(path: String, limit: Int) throws -> [UInt8] {
    let bytes = try InputFile.read(path: path, limit: limit)
    return isCompressed(bytes) ? try inflate(bytes, path: path, limit: limit) : bytes
  }

  /// Returns the content of a gzip file, all its members joined, of at most `limit` bytes; `path`
  /// is for the error. Memory grows with the content, whatever size the trailer states.
  package static func inflate(
    _ bytes: [UInt8], path: String, limit: Int
  ) throws(GzipError) -> [UInt8] {
    guard isCompressed(bytes) else { throw .notGzip(path: path) }
    guard bytes.count <= UInt32.max else { throw .tooLarge(path: path, limit: limit) }
    return try unsafe bytes.withUnsafeBufferPointer { (input) throws(GzipError) -> [UInt8] in
      let stream = try unsafe InflateStream(input, path: path)
      var content: [UInt8] = []
      var room = sizeHint(bytes)
      while !stream.isFinished {
        let chunk = try stream.next(atMost: min(max(room, 1 << 16), limit - content.count + 1))
        if content.isEmpty { content = chunk } else { content += chunk }
        guard content.count <= limit else { throw .tooLarge(path: path, limit: limit) }
        room = content.count
      }
      return content
    }
  }

  private static let magic: [UInt8] = [0x1F, 0x8B]

  /// Returns the content's size (modulo 2³²) in the trailer, limited by deflate's best ratio,
  /// 1032 : 1.
  private static func sizeHint(_ bytes: [UInt8]) -> Int {
    let size = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    return min(size, bytes.count * 1032)
  }
}

/// zlib's state for the members of one gzip file. It is in heap memory because zlib stores a
/// pointer to the stream; `input` must outlive it.
@safe
private final class InflateStream {
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let path: String
  private(set) var isFinished = false

  init(_ input: UnsafeBufferPointer<UInt8>, path: String) throws(GzipError) {
    self.path = path
    unsafe stream.initialize(to: z_stream())
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    unsafe stream.pointee.avail_in = UInt32(input.count)
    let gzipOnly = MAX_WBITS + 16
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(stream, gzipOnly, ZLIB_VERSION, size) == Z_OK else {
      throw .outOfMemory(path: path)
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Returns the next bytes of the content, `room` of them or fewer at the end of the content.
  func next(atMost room: Int) throws(GzipError) -> [UInt8] {
    let room = min(room, 1 << 30)
    var failure: GzipError?
    let chunk = unsafe [UInt8](unsafeUninitializedCapacity: room) { output, count in
      unsafe stream.pointee.next_out = output.baseAddress
      unsafe stream.pointee.avail_out = UInt32(room)
      while failure == nil, !isFinished, unsafe stream.pointee.avail_out > 0 { failure = step() }
      count = unsafe room - Int(stream.pointee.avail_out)
    }
    if let failure { throw failure }
    return chunk
  }

  private func step() -> GzipError? {
    switch unsafe CZlib.inflate(stream, Z_NO_FLUSH) {
    case Z_OK: return nil
    case Z_STREAM_END: return endMember()
    case Z_BUF_ERROR: return .truncated(path: path)
    case Z_MEM_ERROR: return .outOfMemory(path: path)
    default:
      return unsafe .corrupt(
        path: path, reason: stream.pointee.msg.map { unsafe String(cString: $0) } ?? "")
    }
  }

  /// Handles the bytes after a member: none, another member, or trailing bytes.
  private func endMember() -> GzipError? {
    let rest = unsafe Int(stream.pointee.avail_in)
    guard rest > 0 else {
      isFinished = true
      return nil
    }
    guard rest > 1, unsafe stream.pointee.next_in[0] == 0x1F,
      unsafe stream.pointee.next_in[1] == 0x8B
    else {
      return .trailingBytes(path: path, count: rest)
    }
    return unsafe inflateReset(stream) == Z_OK ? nil : .outOfMemory(path: path)
  }
}
