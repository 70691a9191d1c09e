import Coordination
import Wire

/// A message in flight, either as a value or encoded.
enum InFlightMessage: Sendable {
  case message(NumberedMessage)
  case frames([[UInt8]])
  /// An encoded message with a flipped bit, which the receiver must detect.
  case damaged

  /// Creates a message in flight; verifies that damage to it is detected.
  init(_ message: NumberedMessage, asBytes: Bool, isDamaged: Bool) throws(Violation) {
    if isDamaged {
      self = try .damage(message)
    } else {
      self = asBytes ? .frames(message.encoded()) : .message(message)
    }
  }

  /// Returns the message; nil if it cannot be decoded.
  func decoded() -> NumberedMessage? {
    switch self {
    case .message(let message): message
    case .frames(let frames): try? NumberedMessage(frames: frames)
    case .damaged: nil
    }
  }

  /// Flips a bit in the middle of the first frame and verifies that decoding fails.
  private static func damage(_ message: NumberedMessage) throws(Violation) -> InFlightMessage {
    var frames = message.encoded()
    let place = frames[0].count / 2
    frames[0][place] ^= 0x10
    let read = try? NumberedMessage(frames: frames)
    try require(read == nil, .bytes, "damage to \(message.message.summary) is not detected")
    return .damaged
  }
}

extension Message {
  /// A short description for the log.
  var summary: String {
    switch self {
    case .hello(let hello): "hello \(hello.name)"
    case .welcome(let welcome): "welcome \(welcome.incarnation % 1000)"
    case .refusal(let refusal): "refusal \(refusal.reason): \(refusal.detail)"
    case .ready: "ready"
    case .grant(let grant): grant.summary
    case .push(let push): "push \(push.id.summary) v\(push.version)"
    case .piece(let piece): "piece \(piece.transfer).\(piece.index)"
    case .acknowledgement: "acknowledgement"
    case .heartbeat(let heartbeat): "heartbeat \(heartbeat.progress)"
    case .drain(let drain): "drain: \(drain.reason)"
    case .farewell(let farewell): "farewell: \(farewell.reason)"
    case .inquiry: "inquiry"
    case .status(let status): "status of step \(status.step)"
    }
  }
}

extension Grant {
  fileprivate var summary: String {
    let verdict = verdict.map { " \($0.id.summary) \($0.verdict)" } ?? ""
    let leases = leases.map { " \($0.id.summary) \($0.work.summary)" }.joined(separator: ",")
    return "grant v\(version)\(verdict);\(leases)\(hasWeights ? " with weights" : "")"
  }
}

extension LeaseID {
  /// The last digits of the incarnation, and the counter.
  var summary: String { "\(incarnation % 1000):\(counter)" }
}

extension Work {
  fileprivate var summary: String {
    switch self {
    case .train(let batch, let slices): "batch \(batch) slices \(slices)"
    case .evaluate(let split, let samples): "\(split) \(samples)"
    }
  }
}
