import Numerics
import Wire

/// The comparison of training results: a share of the leases is computed by two workers, and both
/// results must be the same to the bit.
///
/// The selection is secret to the workers: a function of a seed that only the server has. Neither
/// result of audited work is used before the comparison. If the results differ, or if there is no
/// second worker, the server computes the work itself, and its own result decides.
struct LeaseAudit: Sendable {
  /// The consequence of a worker's result.
  enum Conclusion: Sendable {
    /// The lease is not audited.
    case unaudited
    /// The result is kept until there is another one of the same work.
    case open
    /// Two workers have the same result.
    case confirmed
    /// The results of two workers differ: the server must compute this lease.
    case differing(Lease)
  }

  /// The consequence of the server's own result.
  struct Decision: Sendable {
    /// The audited work.
    let work: Work
    /// The workers whose result is the server's, and those with another one.
    var right: [WorkerIncarnation] = [], wrong: [WorkerIncarnation] = []
    /// The leases of the work that no worker has answered.
    var unanswered: [LeaseID] = []
  }

  /// One of the two computations of a comparison.
  private struct Side: Sendable {
    /// The lease, until it is answered or withdrawn.
    var lease: LeaseID?
    /// The result, and the worker that computed it.
    var answer: (worker: WorkerIncarnation, result: LeaseResult)?

    var needsLease: Bool { lease == nil && answer == nil }
  }

  /// Audited work with its two computations.
  private struct Comparison: Sendable {
    let lease: Lease
    var sides: [Side]
    /// Whether the server computes the work.
    var isArbitrated = false
  }

  /// The name of a side: the number of its comparison, and 0 or 1.
  private struct Place: Hashable, Comparable, Sendable {
    let number: UInt64
    let side: Int

    static func < (left: Place, right: Place) -> Bool {
      (left.number, left.side) < (right.number, right.side)
    }
  }

  private let share: Double
  private let seed: UInt64
  private var comparisons: [UInt64: Comparison] = [:]
  private var places: [LeaseID: Place] = [:]
  /// The sides that need a lease.
  private var waiting: Set<Place> = []

  /// Creates an audit of a share of the leases, from 0 to 1.
  ///
  /// - Parameter seed: the secret random number that determines the selection.
  init(share: Double, seed: UInt64) {
    self.share = share
    self.seed = seed
  }

  /// Whether no work is being compared.
  var isEmpty: Bool { comparisons.isEmpty }

  /// Whether a lease belongs to audited work.
  func isAudited(_ id: LeaseID) -> Bool { places[id] != nil }

  // MARK: Leases

  /// Begins a comparison with a lease that is being granted, if it is selected.
  mutating func begin(_ lease: Lease) {
    guard share > 0, comparisons.count < Policy.mostAudits, case .train = lease.work else { return }
    var random = RandomSource(seed: seed, stream: lease.id.counter)
    guard random.uniformDouble() < share else { return }
    let number = lease.id.counter
    comparisons[number] = Comparison(lease: lease, sides: [Side(lease: lease.id), Side()])
    places[lease.id] = Place(number: number, side: 0)
    waiting.insert(Place(number: number, side: 1))
  }

  /// The other computation of audited work, as one of them regards it.
  struct Other: Sendable {
    /// The lease that is not answered.
    var lease: LeaseID?
    /// The worker with a result.
    var author: WorkerIncarnation?

    /// Returns whether a member holds the lease or has the result.
    func involves(_ member: Member, _ ledger: Ledger) -> Bool {
      author == WorkerIncarnation(member)
        || lease.map { ledger.isHeld($0, by: member.peer) } == true
    }
  }

  /// The audited work of which a computation needs a lease, the oldest first, each with its other
  /// computation.
  var needs: [(work: Lease, other: Other)] {
    waiting.sorted().compactMap { place in
      comparisons[place.number].map { ($0.lease, other(of: place)) }
    }
  }

  /// Records the lease for a computation of `work`, the lease of the comparison.
  mutating func assign(_ lease: LeaseID, for work: Lease) {
    let number = work.id.counter
    guard let side = (0...1).first(where: { waiting.contains(Place(number: number, side: $0)) })
    else { return }
    let place = Place(number: number, side: side)
    waiting.remove(place)
    places[lease] = place
    comparisons[number]?.sides[side].lease = lease
  }

  /// Returns the other computation of a lease's work; an empty one if the lease is not audited.
  func other(of id: LeaseID) -> Other { places[id].map(other) ?? Other() }

  private func other(of place: Place) -> Other {
    let side = comparisons[place.number]?.sides[1 - place.side]
    return Other(lease: side?.lease, author: side?.answer?.worker)
  }

  /// Records that a lease was withdrawn without a result.
  ///
  /// - Returns: false if it is not audited.
  mutating func reopen(_ id: LeaseID) -> Bool {
    guard let place = places.removeValue(forKey: id) else { return false }
    comparisons[place.number]?.sides[place.side].lease = nil
    if comparisons[place.number]?.isArbitrated == false { waiting.insert(place) }
    return true
  }

  // MARK: Results

  /// Adds a valid result of a lease.
  mutating func add(
    _ result: LeaseResult, _ id: LeaseID, by worker: WorkerIncarnation
  ) -> Conclusion {
    guard let place = places.removeValue(forKey: id) else { return .unaudited }
    let number = place.number
    comparisons[number]?.sides[place.side] = Side(answer: (worker, result))
    guard let other = comparisons[number]?.sides[1 - place.side].answer?.result else {
      return .open
    }
    guard other.hasSameBits(as: result) else {
      return arbitrate(number).map(Conclusion.differing) ?? .open
    }
    remove(number)
    return .confirmed
  }

  /// Lets the server compute work with one result: `lease` is that of the comparison or of a
  /// computation.
  ///
  /// - Returns: the lease to compute; nil if there is no result yet, or if the server computes it.
  mutating func arbitrate(_ lease: LeaseID) -> Lease? {
    let number = places[lease]?.number ?? lease.counter
    guard comparisons[number]?.sides.contains(where: { $0.answer != nil }) == true else {
      return nil
    }
    return arbitrate(number)
  }

  private mutating func arbitrate(_ number: UInt64) -> Lease? {
    guard let comparison = comparisons[number], !comparison.isArbitrated else { return nil }
    comparisons[number]?.isArbitrated = true
    for side in 0...1 { waiting.remove(Place(number: number, side: side)) }
    return comparison.lease
  }

  /// Ends a comparison with the server's own result.
  ///
  /// - Returns: nil if the work has been decided before.
  mutating func decide(_ result: LeaseResult) -> Decision? {
    guard let comparison = comparisons[result.id.counter], comparison.isArbitrated,
      comparison.lease.id == result.id
    else { return nil }
    var decision = Decision(work: comparison.lease.work)
    for answer in comparison.sides.compactMap(\.answer) {
      if answer.result.hasSameBits(as: result) {
        decision.right.append(answer.worker)
      } else {
        decision.wrong.append(answer.worker)
      }
    }
    decision.unanswered = remove(result.id.counter)
    return decision
  }

  /// Ends the comparison of a lease without a conclusion.
  ///
  /// - Returns: the leases of the work that no worker has answered.
  mutating func drop(_ id: LeaseID) -> [LeaseID] {
    places[id].map { remove($0.number) } ?? []
  }

  @discardableResult
  private mutating func remove(_ number: UInt64) -> [LeaseID] {
    guard let comparison = comparisons.removeValue(forKey: number) else { return [] }
    for side in 0...1 { waiting.remove(Place(number: number, side: side)) }
    let leases = comparison.sides.compactMap(\.lease)
    for lease in leases { places[lease] = nil }
    return leases
  }
}

extension LeaseResult {
  /// Returns whether sums and gradients of two results are the same to the bit.
  func hasSameBits(as other: LeaseResult) -> Bool {
    sums.count == other.sums.count && zip(sums, other.sums).allSatisfy { $0.hasSameBits(as: $1) }
      && contributions.map(\.slices) == other.contributions.map(\.slices)
      && zip(contributions, other.contributions).allSatisfy { own, other in
        let (own, other) = (own.values.floats, other.values.floats)
        return own.count == other.count
          && zip(own, other).allSatisfy { $0.bitPattern == $1.bitPattern }
      }
  }
}

extension SampleSums {
  fileprivate func hasSameBits(as other: SampleSums) -> Bool {
    lossSum.bitPattern == other.lossSum.bitPattern && correct == other.correct
      && count == other.count
  }
}
