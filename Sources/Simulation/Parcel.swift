import Coordination
import Wire

/// A message on its way: as it is, or as its bytes.
enum Parcel: Sendable {
  case message(NumberedMessage)
  case frames([[UInt8]])
  /// Bytes that were damaged, which their checksum tells.
  case damaged

  /// Packs a message. What passes through bytes must come out as it was.
  init(_ message: NumberedMessage, asBytes: Bool, isDamaged: Bool) throws(Violation) {
    if isDamaged {
      self = try .damage(message)
    } else {
      self = asBytes ? .frames(message.encoded()) : .message(message)
    }
  }

  /// The message; nil if it cannot be read.
  func opened() -> NumberedMessage? {
    switch self {
    case .message(let message): message
    case .frames(let frames): try? NumberedMessage(frames: frames)
    case .damaged: nil
    }
  }

  /// Flips a bit in the middle of the first frame.
  private static func damage(_ message: NumberedMessage) throws(Violation) -> Parcel {
    var frames = message.encoded()
    let place = frames[0].count / 2
    frames[0][place] ^= 0x10
    let read = try? NumberedMessage(frames: frames)
    try require(read == nil, .bytes, "damage to \(message.message.summary) goes unnoticed")
    return .damaged
  }
}

extension Message {
  /// The message in a few words, for the log.
  var summary: String {
    switch self {
    case .hello(let hello): "hello \(hello.name)"
    case .welcome(let welcome): "welcome \(welcome.incarnation % 1000)"
    case .refusal(let refusal): "refusal \(refusal.reason): \(refusal.detail)"
    case .ready: "ready"
    case .grant(let grant): grant.summary
    case .push(let push): "push \(push.result.id.summary) v\(push.result.version)"
    case .heartbeat(let heartbeat): "heartbeat \(heartbeat.progress)"
    case .drain(let drain): "drain: \(drain.reason)"
    case .farewell(let farewell): "farewell: \(farewell.reason)"
    }
  }
}

extension Grant {
  fileprivate var summary: String {
    let verdict = verdict.map { " \($0.id.summary) \($0.verdict)" } ?? ""
    let leases = leases.map { " \($0.id.summary) \($0.work.summary)" }.joined(separator: ",")
    return "grant v\(version)\(verdict);\(leases)\(weights == nil ? "" : " with weights")"
  }
}

extension LeaseID {
  /// The last digits of the incarnation, and the number.
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
