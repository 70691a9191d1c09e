/// One request and its answer in HTTP/1.1 without a connection: bytes in, bytes out.
///
/// Only the head of a request is read, up to a limit; the body and all fields are ignored. After
/// the answer the connection ends.
struct HTTPExchange: Sendable {
  /// An answer before it is encoded.
  struct Answer: Sendable, Equatable {
    /// The status, such as 200.
    let status: Int
    /// The content: one line of plain text.
    let text: String
  }

  /// The greatest size of the head of a request, in bytes.
  static let mostBytes = 4096

  private var head: [UInt8] = []

  /// Adds received bytes.
  ///
  /// - Parameter content: returns the answer for a path; nil for one that does not exist.
  /// - Returns: the encoded answer once the head is complete or too long, nil before.
  mutating func receive(
    _ bytes: some Sequence<UInt8>, _ content: (_ path: String) -> Answer?
  ) -> [UInt8]? {
    for byte in bytes {
      guard head.count < Self.mostBytes else {
        return Self.encode(Answer(status: 431, text: "the request is too long"))
      }
      head.append(byte)
      if isComplete { return answer(content) }
    }
    return nil
  }

  /// Whether the head ends here: with an empty line.
  private var isComplete: Bool {
    guard head.last == UInt8(ascii: "\n") else { return false }
    return head.suffix(2) == [10, 10] || head.suffix(4) == [13, 10, 13, 10]
  }

  private func answer(_ content: (String) -> Answer?) -> [UInt8] {
    let line = head.prefix { $0 != 10 && $0 != 13 }
    let words = String(decoding: line, as: UTF8.self).split(
      separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
      return Self.encode(Answer(status: 400, text: "this is not a request of HTTP/1.1"))
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      return Self.encode(Answer(status: 405, text: "use GET or HEAD"))
    }
    let path = String(words[1].prefix { $0 != "?" })
    let answer = content(path) ?? Answer(status: 404, text: "use /healthz or /readyz")
    return Self.encode(answer, hasContent: words[0] == "GET")
  }

  private static func encode(_ answer: Answer, hasContent: Bool = true) -> [UInt8] {
    let text = answer.text + "\n"
    let head = [
      "HTTP/1.1 \(answer.status) \(phrase(answer.status))",
      "Content-Type: text/plain; charset=utf-8", "Content-Length: \(text.utf8.count)",
      "Cache-Control: no-store", "Connection: close",
    ]
    let allowed = answer.status == 405 ? ["Allow: GET, HEAD"] : []
    return Array(((head + allowed).joined(separator: "\r\n") + "\r\n\r\n").utf8)
      + (hasContent ? Array(text.utf8) : [])
  }

  private static func phrase(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 431: "Request Header Fields Too Large"
    default: "Service Unavailable"
    }
  }
}
