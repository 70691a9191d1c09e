import Coordination
import Foundation

/// The facts about a search for a server, and the fault that follows from them.
struct ConnectionDiagnosis: Sendable {
  /// The endpoint of the current attempt.
  var endpoint: String
  /// The worker's contact with the server.
  var contact = WorkerCore.Contact.searching
  /// The connection below the protocol.
  var link: LinkState
  /// The progress of the last probe, if there was one.
  var probe: EndpointProbe.Phase?
  /// Whether the last session was welcomed and ended before weights had arrived.
  var wasWithoutWeights = false

  /// Returns the fault that explains the facts; nil if there is none, or not enough is certain.
  ///
  /// - Parameter settling: the age from which a silent connection counts as a fault.
  func fault(at now: Moment, settling: Duration = .zero) -> ConnectionFault? {
    guard contact == .searching else { return nil }
    return kind(isSettled: now.since(link.since) >= settling)
      .map { ConnectionFault($0, endpoint: endpoint) }
  }

  private func kind(isSettled: Bool) -> ConnectionFault.Kind? {
    switch link.stage {
    case .established where wasWithoutWeights: .withoutWeights
    case .established: isSettled ? .unanswered : nil
    // The peer found first that the two protect connections differently.
    case .closed where greeting.isZeroMQ: .mismatched
    case .closed: .foreign(greeting.text)
    case .mismatched: .mismatched
    case .denied: .unauthorized
    case .connected where greeting.isForeign: .foreign(greeting.text)
    case .connected: isSettled ? .silent : nil
    case .none: probedKind
    }
  }

  private var probedKind: ConnectionFault.Kind? {
    switch probe {
    case .resolving: .unresolved("the name servers have not answered")
    case .finished(.unresolved(let reason)): .unresolved(reason)
    case .finished(.failed(let code)): Self.kind(of: code)
    case .finished(.timedOut): .timedOut
    case .finished(.closed): .foreign("")
    case .finished(.accepted) where greeting.isForeign: .foreign(greeting.text)
    case .finished(.accepted), .connecting, nil: nil
    }
  }

  private static func kind(of code: Int32) -> ConnectionFault.Kind {
    switch code {
    case ECONNREFUSED: .refused
    case ENOENT, ENOTDIR: .missing
    case EACCES, EPERM: .denied
    case ETIMEDOUT: .timedOut
    default: .unreachable(String(cString: strerror(code)))
    }
  }

  private var greeting: Greeting {
    guard case .finished(.accepted(let bytes)) = probe else { return Greeting(bytes: []) }
    return Greeting(bytes: bytes)
  }
}

/// The first bytes that a peer sends.
private struct Greeting {
  let bytes: [UInt8]

  /// Whether a peer that sends these is not a ZeroMQ socket.
  var isForeign: Bool { bytes.first.map { $0 != 0xFF } ?? false }

  /// Whether a peer that sends these is a ZeroMQ socket.
  var isZeroMQ: Bool { bytes.first == 0xFF }

  /// The bytes as text, as far as they are printable; empty for those of a ZeroMQ socket.
  var text: String {
    guard isForeign else { return "" }
    let line = bytes.prefix { $0 != 10 && $0 != 13 }
    return String(
      decoding: line.map { (32..<127).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
