import Coordination
import Learning
import Numerics
import Wire

extension FuzzTarget {
  /// The computation of leases with any numbers: a result has the sums and gradients of its lease,
  /// and the same bits when it is computed again.
  static let lease = FuzzTarget("lease", "the computation of leases") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let run = TinyRun(&source)
    let computer = LeaseComputer(
      settings: run.settings, shape: run.shape, source: TinyImages(run: run), kernels: Kernels(),
      transfers: run.policy.transfers)
    for _ in 0..<8 where !source.isEmpty {
      if source.byte() & 3 == 0 { try load(run, computer, &source) }
      let lease = lease(of: run, &source)
      guard let result = try? computer.compute(lease) else { continue }
      try check(result, of: lease, run)
      let again = try? computer.compute(lease)
      try require(
        again?.contributions == result.contributions, "a gradient is computed in two ways")
    }
  }

  private static func load(
    _ run: TinyRun, _ computer: LeaseComputer<TinyImages>, _ source: inout ByteSource
  ) throws(Finding) {
    let isWrong = source.oneIn(4)
    let count = isWrong ? source.below(40) : run.shape.layout.count
    let weights = (0..<count).map { _ in Float(Int8(bitPattern: source.byte())) / 16 }
    let isLoaded = (try? computer.load(PiecewiseVector(plain: weights), version: 3)) != nil
    try require(
      isLoaded == (count == run.shape.layout.count), "\(count) weights: loaded \(isLoaded)")
  }

  /// Returns a lease of the run, or one with any numbers.
  private static func lease(of run: TinyRun, _ source: inout ByteSource) -> Lease {
    let id = LeaseID(incarnation: 1, counter: 1)
    switch source.below(4) {
    case 0: return MessageMaker.lease(&source)
    case 1:
      let split = source.pick(Split.allCases)
      let start = UInt64(source.below(8))
      let length = UInt64(1 + source.below(8))
      return Lease(
        id: id, version: 3, work: .evaluate(split: split, samples: start..<start + length))
    default:
      let start = UInt32(source.below(5))
      let length = UInt32(1 + source.below(5))
      return Lease(
        id: id, version: 3,
        work: .train(batch: UInt64(source.below(7)), slices: start..<start + length))
    }
  }

  private static func check(
    _ result: LeaseResult, of lease: Lease, _ run: TinyRun
  ) throws(Finding) {
    guard let honest = run.result(of: lease) else {
      throw Finding("work that is not part of the run is computed: \(lease.work)")
    }
    try require(
      result.id == lease.id && result.sums.map(\.count) == honest.sums.map(\.count),
      "the result is of another lease")
    try require(
      result.sums.allSatisfy { $0.correct <= $0.count }, "more samples are correct than there are")
    try require(
      result.contributions.allSatisfy { $0.values.count == run.shape.layout.count },
      "a gradient has another size")
    try require(
      Set(result.contributions.flatMap(\.slices)) == Set(honest.contributions.flatMap(\.slices)),
      "the gradients are of other slices")
  }
}

/// Images of two by two pixels, each a function of its split and index.
struct TinyImages: SampleSource {
  let run: TinyRun

  func count(_ split: Split) -> Int { run.count(split) }

  func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch {
    let size = TinyRun.side * TinyRun.side
    var pixels: [Float] = []
    for index in indices {
      for place in 0..<size {
        let shade = (7 * index + 3 * place + Int(split.rawValue)) % 11
        pixels.append(Float(shade) / 11)
      }
    }
    return Minibatch(pixels: pixels, labels: indices.map { UInt8($0 % TinyRun.classes) })
  }
}
