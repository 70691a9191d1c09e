import Coordination
import Learning
import Wire

/// A server with one honest worker, which answers every lease at once.
struct HonestWorker {
  private(set) var core: ServerCore
  /// The end of the run, if it has ended.
  private(set) var outcome: Outcome?
  private var peer: ScriptedPeer
  private var now = Moment(nanoseconds: 0)
  private var isDraining = false

  /// Creates a worker that has not greeted the server.
  init(_ run: TinyRun, core: ServerCore) {
    self.core = core
    peer = ScriptedPeer(number: 1, of: run)
  }

  /// Opens the session, or answers one lease, or leaves once the server ends the run.
  mutating func serve() {
    now = now.advanced(by: .milliseconds(1))
    if !peer.isMember {
      handle(peer.greet())
      handle(peer.event(.ready))
    } else if isDraining {
      handle(peer.event(.farewell(Farewell(reason: "the end"))))
    } else if let push = peer.answer(withPiece: true) {
      handle(push)
      while let piece = peer.sendPiece() { handle(piece) }
      handle(peer.event(.acknowledgement))
    }
    handle(.tick)
  }

  private mutating func handle(_ event: ServerCore.Event) {
    var effects: [ServerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    for effect in effects {
      switch effect {
      case .send(let message, _):
        peer.note(message)
        if case .drain = message.message { isDraining = true }
      case .checkpoint(let state):
        handle(
          .checkpointed(
            version: state.optimizer.step, isEvaluated: state.isEvaluated, succeeded: true))
      case .finish(let outcome): self.outcome = outcome
      case .report, .disconnect, .recompute: break
      }
    }
  }
}

extension ServerCore {
  /// Creates the server of a run that continues from `state`.
  init(_ state: ServerState, of run: TinyRun, incarnation: UInt64) {
    self.init(state, dataset: run.dataset, incarnation: incarnation, policy: run.policy)
  }
}
