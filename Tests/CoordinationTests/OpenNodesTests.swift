import TestSupport
import Testing

@testable import Coordination

@Suite struct OpenNodesTests {
  private func shares(_ slices: Int, _ workers: Int) -> [Range<Int>] {
    var open = OpenNodes(tree: ReductionTree(leaves: slices))
    return open.shares(among: workers)
  }

  /// Returns the maximal nodes of a set of slices, from left to right.
  private func nodes(_ slices: Set<Int>, under node: Range<Int>) -> [Range<Int>] {
    if node.allSatisfy(slices.contains) { return [node] }
    guard node.count > 1 else { return [] }
    let (left, right) = ReductionTree.halves(of: node)
    return nodes(slices, under: left) + nodes(slices, under: right)
  }

  /// Returns all open nodes from left to right.
  private func nodes(_ open: OpenNodes) -> [Range<Int>] {
    var open = open
    var nodes: [Range<Int>] = []
    while let node = open.pop(largestAtMost: .max) { nodes.append(node) }
    #expect(nodes.map(\.count) == nodes.map(\.count).sorted(by: >))
    return nodes.sorted { $0.lowerBound < $1.lowerBound }
  }

  @Test func everyWorkerGetsOneNode() {
    #expect(shares(8, 1) == [0..<8])
    #expect(shares(8, 2) == [0..<4, 4..<8])
    #expect(shares(8, 3) == [0..<4, 4..<6, 6..<8])
    #expect(shares(8, 5).map(\.count) == [2, 2, 2, 1, 1])
    #expect(shares(5, 3) == [0..<2, 3..<5, 2..<3])
    #expect(shares(2, 9) == [0..<1, 1..<2])
    #expect(shares(8, 0).isEmpty)
  }

  @Test(arguments: 1...40)
  func sharesAreDisjointNodesThatCoverTheBatch(slices: Int) {
    let tree = ReductionTree(leaves: slices)
    for workers in 1...slices + 2 {
      var open = OpenNodes(tree: tree)
      #expect(open.count == slices && !open.isEmpty)
      let shares = open.shares(among: workers)
      #expect(open.isEmpty && open.count == 0)
      #expect(shares.count == min(workers, slices))
      #expect(shares.flatMap(Array.init).sorted() == Array(0..<slices))
      #expect(shares.allSatisfy { tree.cover($0) == [$0] })
      #expect(shares == shares.sorted { ($1.count, $0.lowerBound) < ($0.count, $1.lowerBound) })
      for share in shares { open.reopen(share) }
      #expect(open.shares(among: 1) == [tree.root])
    }
  }

  @Test func nodesWithoutAWorkerStayOpen() {
    var open = OpenNodes(tree: ReductionTree(leaves: 8))
    _ = open.shares(among: 8)
    for slice in [1, 4, 5, 7] { open.reopen(slice..<slice + 1) }
    #expect(open.count == 4)
    #expect(open.shares(among: 2) == [4..<6, 1..<2])
    #expect(open.count == 1)
    #expect(open.shares(among: 2) == [7..<8])
  }

  @Test func anOpenNodeIsPreferredToAPartOfALargerOne() {
    var open = OpenNodes(tree: ReductionTree(leaves: 8))
    #expect(open.pop(largestAtMost: 3) == 0..<2)
    #expect(open.pop(largestAtMost: 3) == 2..<4)
    #expect(open.pop(largestAtMost: 1) == 4..<5)
    #expect(open.pop(largestAtMost: 2) == 6..<8)
    #expect(open.pop(largestAtMost: 0) == nil)
    #expect(open.pop(largestAtMost: 9) == 5..<6)
    #expect(open.pop(largestAtMost: 9) == nil && open.isEmpty)
  }

  @Test(arguments: Array(1...40) + [1000])
  func openNodesBehaveLikeASetOfSlices(slices: Int) {
    let tree = ReductionTree(leaves: slices)
    var random = SplitMix64(state: UInt64(slices))
    var open = OpenNodes(tree: tree)
    var model = Set(0..<slices)
    var leased: [Range<Int>] = []
    for _ in 0..<300 {
      #expect(nodes(open) == nodes(model, under: tree.root) && open.count == model.count)
      let limit = 1 + Int(random.next() % UInt64(slices))
      let taken =
        switch random.next() % 8 {
        case 0: open.shares(among: limit)
        case 1...4: open.pop(largestAtMost: limit).map { [$0] } ?? []
        default: [] as [Range<Int>]
        }
      if taken.isEmpty, let node = leased.randomElement(using: &random) {
        leased.removeAll { $0 == node }
        open.reopen(node)
        model.formUnion(node)
      }
      #expect(taken.allSatisfy { model.isSuperset(of: $0) && tree.cover($0) == [$0] })
      #expect(Set(taken.joined()).count == taken.reduce(0) { $0 + $1.count })
      model.subtract(taken.joined())
      leased += taken
    }
  }

  @Test func aPoppedNodeIsTheLargestThatIsSmallEnough() {
    let tree = ReductionTree(leaves: 37)
    var random = SplitMix64(state: 3)
    for _ in 0..<500 {
      var open = OpenNodes(tree: tree)
      let singles = open.shares(among: 37)
      var model: Set<Int> = []
      for single in singles where random.next() % 3 > 0 {
        open.reopen(single)
        model.formUnion(single)
      }
      let limit = 1 + Int(random.next() % 20)
      let all = nodes(model, under: tree.root)
      let fitting = all.filter { $0.count <= limit }
      let node = open.pop(largestAtMost: limit)
      #expect((node == nil) == model.isEmpty)
      guard let node else { continue }
      #expect(node.count <= limit && model.isSuperset(of: node) && tree.cover(node) == [node])
      let largest = fitting.map(\.count).max()
      #expect(largest == nil || node == fitting.first { $0.count == largest })
      #expect(nodes(open) == nodes(model.subtracting(node), under: tree.root))
    }
  }

  /// 60,000 leases: a pass over all slices for each of them would visit 4 billion slices.
  @Test func theCostOfALeaseDoesNotGrowWithTheNumberOfSlices() {
    let tree = ReductionTree(leaves: 65_536)
    var open = OpenNodes(tree: tree)
    for _ in 0..<600 {
      let shares = open.shares(among: 100)
      #expect(shares.count == 100)
      for share in shares { open.reopen(share) }
    }
    #expect(open.shares(among: 65_536).count == 65_536)
    for slice in tree.root { open.reopen(slice..<slice + 1) }
    #expect(open.shares(among: 1) == [tree.root])
  }
}
