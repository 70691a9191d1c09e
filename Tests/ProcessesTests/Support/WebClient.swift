import Foundation
import Glibc
import Testing

/// A client of the health endpoint, one connection for each request.
struct WebClient {
  /// An answer: the status and the content.
  struct Answer: Equatable {
    let status: Int
    let content: String
  }

  let port: UInt16

  /// Creates a client of the endpoint that a server has logged.
  init(_ program: Program) async throws {
    let mark = "health.endpoint=tcp://127.0.0.1:"
    try await program.prints(mark)
    let text = try #require(program.errors.components(separatedBy: mark).last)
    port = try #require(UInt16(text.prefix { $0.isNumber }))
  }

  /// Creates a client of an endpoint.
  init(_ endpoint: String) throws { port = try Loopback.port(of: endpoint) }

  /// Requests a path; nil if the server closed the connection without an answer.
  func get(_ path: String, method: String = "GET") throws -> Answer? {
    try answer(to: Array("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
  }

  /// Sends bytes and returns the answer; nil if there is none within a minute.
  func answer(to request: [UInt8]) throws -> Answer? {
    let descriptor = try #require(Loopback.connect(port), "no server at port \(port)")
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    Loopback.send(request, to: descriptor)
    var bytes: [UInt8] = []
    while let more = Loopback.receive(descriptor, atMost: 4096) { bytes += more }
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.components(separatedBy: "\r\n\r\n")
    let words = text.split(separator: " ")
    guard parts.count == 2, words.count > 1, let status = Int(words[1]) else { return nil }
    return Answer(status: status, content: parts[1])
  }
}
