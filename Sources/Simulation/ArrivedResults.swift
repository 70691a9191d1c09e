import Coordination
import Wire

/// The results that arrive at a server, assembled from their messages independently of the server.
struct ArrivedResults: Sendable {
  /// The messages of one connection.
  private struct Connection: Sendable {
    /// The transfers announced so far.
    var announced: UInt32 = 0
    /// The numbers of the announcements, since a network may repeat messages.
    var numbers: Set<UInt32> = []
    /// The announced results without a verdict, each with its first transfer.
    var pending: [(push: Push, transfer: UInt32)] = []
    /// The results with a verdict that was not sent.
    var decided: Set<LeaseID> = []
    var pieces: [UInt32: [UInt32: EncodedTensor]] = [:]
  }

  private var connections: [PeerID: Connection] = [:]

  /// Records a message.
  ///
  /// - Returns: False if it is an announcement that has arrived before.
  mutating func receive(_ message: NumberedMessage, from peer: PeerID) -> Bool {
    switch message.message {
    case .push(let push):
      var connection = connections[peer] ?? Connection()
      guard connection.numbers.insert(message.number).inserted else { return false }
      connection.pending.append((push, connection.announced + 1))
      if let first = push.firstPiece {
        connection.pieces[connection.announced + 1, default: [:]][0] = first
      }
      connection.announced += UInt32(push.contributions.count)
      connections[peer] = connection
    case .piece(let piece):
      connections[peer, default: Connection()].pieces[piece.transfer, default: [:]][piece.index] =
        piece.values
    default: break
    }
    return true
  }

  /// The leases whose results from `peer` have arrived completely and have no verdict yet.
  func complete(from peer: PeerID, width: Int) -> [LeaseID] {
    guard let connection = connections[peer] else { return [] }
    return connection.pending.filter { push, first in
      push.contributions.indices.allSatisfy { offset in
        let pieces = connection.pieces[first + UInt32(offset)] ?? [:]
        return pieces.values.reduce(0) { $0 + $1.count } == width
      }
    }.map(\.push.id)
  }

  /// Records that a verdict was sent; returns false if none was expected.
  mutating func answer(_ id: LeaseID, from peer: PeerID) -> Bool {
    connections[peer]?.decided.remove(id) != nil
  }

  /// The leases whose results from `peer` have no verdict yet.
  func pending(from peer: PeerID) -> [LeaseID] {
    connections[peer]?.pending.map(\.push.id) ?? []
  }

  /// Removes and returns the result for a lease, once it has a verdict.
  mutating func take(_ id: LeaseID, from peer: PeerID) -> LeaseResult? {
    guard let index = connections[peer]?.pending.firstIndex(where: { $0.push.id == id }),
      let (push, first) = connections[peer]?.pending.remove(at: index)
    else { return nil }
    connections[peer]?.decided.insert(id)
    let parts = push.contributions.enumerated().map { offset, slices in
      let pieces = connections[peer]?.pieces.removeValue(forKey: first + UInt32(offset)) ?? [:]
      return Contribution(
        slices: slices,
        values: PiecewiseVector(pieces: pieces.sorted { $0.key < $1.key }.map(\.value)))
    }
    return LeaseResult(
      id: push.id, version: push.version, computeMicroseconds: push.computeMicroseconds,
      sums: push.sums, contributions: parts)
  }
}
