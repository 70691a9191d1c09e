import Wire

/// Observers: peers whose keys allow them to watch. They have no session, and nothing that they
/// send changes the run.
extension ServerCore {
  /// Answers a message of an observer: a hello with the welcome, a heartbeat with the progress.
  mutating func receiveFromObserver(
    _ message: Message, _ credential: Credential?, _ peer: PeerID, effects: inout [Effect]
  ) {
    switch message {
    case .hello: answer(peer, .welcome(welcome), effects: &effects)
    case .heartbeat: answer(peer, .heartbeat(progress), effects: &effects)
    case .farewell: effects.append(.disconnect(peer))
    default:
      let reason = "an observer may not send this message"
      sendRefusal(.malformed, reason, to: peer, effects: &effects)
      let name = credential?.name ?? "\(peer)"
      effects.append(.report(.refused(.role, name: name, reason: reason)))
      effects.append(.disconnect(peer))
    }
  }

  private func answer(_ peer: PeerID, _ message: Message, effects: inout [Effect]) {
    effects.append(.send(NumberedMessage(message, number: 0), to: peer))
  }
}
