import Testing

@testable import Processes

/// Requests of the health endpoint, as bytes.
@Suite struct HTTPExchangeTests {
  private func answer(_ request: [UInt8], inPartsOf size: Int = .max) -> String? {
    var exchange = HTTPExchange()
    var rest = request[...]
    while !rest.isEmpty {
      let part = rest.prefix(size)
      rest = rest.dropFirst(part.count)
      let answer = exchange.receive(part) { path in
        path == "/healthz" ? HTTPExchange.Answer(status: 200, text: "ok") : nil
      }
      if let answer { return String(decoding: answer, as: UTF8.self) }
    }
    return nil
  }

  @Test(arguments: [
    "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET /healthz HTTP/1.0\r\n\r\n",
    "GET /healthz?verbose=1 HTTP/1.1\nHost: a\n\n",
    "GET /healthz HTTP/1.1\r\nConnection: keep-alive\r\n\r\nGET /other HTTP/1.1\r\n\r\n",
  ])
  func aRequestIsAnsweredHoweverItArrives(request: String) throws {
    for size in [1, 3, 7, .max] {
      let text = try #require(answer(Array(request.utf8), inPartsOf: size))
      #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\nok\n"))
      #expect(text.contains("\r\nContent-Length: 3\r\n"))
      #expect(text.contains("\r\nConnection: close\r\n"))
    }
  }

  @Test func aHeadRequestHasAnAnswerWithoutContent() throws {
    let text = try #require(answer(Array("HEAD /healthz HTTP/1.1\r\n\r\n".utf8)))
    #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n\r\n"))
    #expect(text.contains("\r\nContent-Length: 3\r\n"))
  }

  @Test(arguments: [
    ("GET / HTTP/1.1", "404 Not Found"), ("GET /healthz/x HTTP/1.1", "404 Not Found"),
    ("POST /healthz HTTP/1.1", "405 Method Not Allowed"),
    ("DELETE /healthz HTTP/1.1", "405 Method Not Allowed"),
    ("get /healthz HTTP/1.1", "405 Method Not Allowed"),
    ("GET /healthz", "400 Bad Request"), ("GET /healthz HTTP/2.0", "400 Bad Request"),
    ("GET  /healthz HTTP/1.1", "400 Bad Request"), ("GET healthz HTTP/1.1", "400 Bad Request"),
    ("GET http://a/healthz HTTP/1.1", "400 Bad Request"), ("", "400 Bad Request"),
    ("CONNECT a:80 HTTP/1.1", "400 Bad Request"), ("\u{0} \u{0} \u{0}", "400 Bad Request"),
  ])
  func anotherRequestIsRefused(line: String, status: String) throws {
    let text = try #require(answer(Array("\(line)\r\nHost: a\r\n\r\n".utf8)))
    #expect(text.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(text)")
    #expect(text.contains("\r\nAllow: GET, HEAD\r\n") == status.hasPrefix("405"))
  }

  @Test func aRequestThatIsTooLongIsRefusedAtTheLimit() throws {
    let line = Array("GET /healthz HTTP/1.1\r\nA: ".utf8)
    let rest = HTTPExchange.mostBytes - line.count
    let most = line + [UInt8](repeating: 0x61, count: rest - 4) + [13, 10, 13, 10]
    #expect(try #require(answer(most)).hasPrefix("HTTP/1.1 200 "))
    let endless = line + [UInt8](repeating: 0x61, count: rest)
    #expect(answer(endless) == nil)
    #expect(try #require(answer(endless + [0x61])).hasPrefix("HTTP/1.1 431 "))
  }

  @Test func bytesOfAnotherProtocolHaveNoAnswer() {
    #expect(answer([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]) == nil)
    #expect(answer([0xFF] + [UInt8](repeating: 0, count: 63)) == nil)
  }
}
