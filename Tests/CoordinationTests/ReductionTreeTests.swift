import Coordination
import Numerics
import Testing
import Wire

@Suite struct ReductionTreeTests {
  /// Returns all nodes of a tree, from its definition.
  private func nodes(_ node: Range<Int>) -> [Range<Int>] {
    guard node.count > 1 else { return [node] }
    let middle = node.lowerBound + (node.count + 1) / 2
    return [node] + nodes(node.lowerBound..<middle) + nodes(middle..<node.upperBound)
  }

  @Test func theLeftHalfIsTheLargerOne() {
    #expect(ReductionTree(leaves: 5).family(of: 0..<3)?.sibling == 3..<5)
    #expect(ReductionTree(leaves: 5).family(of: 0..<2)?.sibling == 2..<3)
    #expect(ReductionTree(leaves: 7).family(of: 4..<7)?.sibling == 0..<4)
  }

  @Test func aCoverOfEightConsistsOfAlignedBlocks() {
    let tree = ReductionTree(leaves: 8)
    #expect(tree.cover(0..<8) == [0..<8])
    #expect(tree.cover(0..<3) == [0..<2, 2..<3])
    #expect(tree.cover(3..<8) == [3..<4, 4..<8])
    #expect(tree.cover(1..<7) == [1..<2, 2..<4, 4..<6, 6..<7])
    #expect(tree.cover(2..<2).isEmpty)
    #expect(tree.cover(6..<99) == [6..<8])
  }

  /// For every run of every tree, the cover equals the run and no larger node fits into it.
  @Test(arguments: 1...17)
  func aCoverConsistsOfTheLargestNodes(leaves: Int) {
    let tree = ReductionTree(leaves: leaves)
    let all = Set(nodes(tree.root))
    for lower in 0..<leaves {
      for upper in lower + 1...leaves {
        let cover = tree.cover(lower..<upper)
        #expect(cover.flatMap(Array.init) == Array(lower..<upper))
        #expect(cover.allSatisfy(all.contains))
        for node in all where lower <= node.lowerBound && node.upperBound <= upper {
          #expect(cover.contains { $0.clamped(to: node) == node })
        }
      }
    }
  }

  @Test(arguments: 1...17)
  func onlyNodesBelowTheRootHaveAParentAndASibling(leaves: Int) {
    let tree = ReductionTree(leaves: leaves)
    let all = Set(nodes(tree.root))
    for lower in 0..<leaves {
      for upper in lower + 1...leaves {
        let node = lower..<upper
        guard let (parent, sibling) = tree.family(of: node) else {
          #expect(node == tree.root || !all.contains(node))
          continue
        }
        #expect(all.isSuperset(of: [node, parent, sibling]))
        #expect(Set(parent) == Set(node).union(sibling))
        #expect(!node.overlaps(sibling))
      }
    }
  }
}

@Suite struct TreeSumTests {
  /// Returns values whose sum depends on the order of additions.
  private func parts(_ count: Int, width: Int, seed: UInt64) -> [[Float]] {
    var random = RandomSource(seed: seed, stream: 0xE1)
    return (0..<count).map { _ in
      (0..<width).map { _ in
        let exponent = Int(random.below(40)) - 20
        return (random.uniform() - 0.5) * Float(sign: .plus, exponent: exponent, significand: 1)
      }
    }
  }

  /// The slices are divided into random runs, each summed by one worker, and the nodes arrive in
  /// random order.
  @Test(arguments: 1...17)
  func anyPartitionInAnyOrderGivesTheSameBits(leaves: Int) throws {
    let width = 5
    let tree = ReductionTree(leaves: leaves)
    let parts = parts(leaves, width: width, seed: UInt64(leaves))
    let expected = recursiveSum(parts[...]).map(\.bitPattern)
    var random = RandomSource(seed: UInt64(leaves), stream: 0xE2)
    for _ in 0..<10 {
      var nodes: [(slices: Range<Int>, values: [Float])] = []
      var start = 0
      while start < leaves {
        let end = start + 1 + Int(random.below(UInt32(leaves - start)))
        var share = TreeSum(tree: tree, width: width)
        for slice in (start..<end).shuffled(using: &random) {
          share.add(slice..<slice + 1, parts[slice])
        }
        #expect(share.complete.map(\.slices) == tree.cover(start..<end))
        nodes += share.complete
        start = end
      }
      var sum = TreeSum(tree: tree, width: width)
      for node in nodes.shuffled(using: &random) {
        #expect(sum.total == nil)
        sum.add(node.slices, node.values)
      }
      #expect(sum.total?.map(\.bitPattern) == expected)
    }
  }

  /// The premise of the tree: without it, the bits depend on the order of additions.
  @Test func aPlainSumInTheOrderOfArrivalGivesOtherBits() {
    let parts = parts(8, width: 64, seed: 1)
    let forward = parts.reduce([Float](repeating: 0, count: 64)) { zip($0, $1).map(+) }
    let backward = parts.reversed().reduce([Float](repeating: 0, count: 64)) {
      zip($0, $1).map(+)
    }
    #expect(forward != backward)
    #expect(forward != recursiveSum(parts[...]))
  }

  @Test func aVariantOfTheKernelsChangesNoBit() {
    let parts = parts(6, width: 33, seed: 3)
    let sums = KernelVariant.supported.map { variant in
      var sum = TreeSum(
        tree: ReductionTree(leaves: 6), width: 33, kernels: Kernels(variant))
      for slice in [3, 0, 5, 1, 4, 2] { sum.add(slice..<slice + 1, parts[slice]) }
      return sum.total
    }
    #expect(sums.allSatisfy { $0 == recursiveSum(parts[...]) })
  }

  @Test func aSumOfOneSliceEqualsTheSlice() {
    var sum = TreeSum(tree: ReductionTree(leaves: 1), width: 2)
    #expect(sum.total == nil && sum.complete.isEmpty)
    sum.add(0..<1, [1, -0.0])
    #expect(sum.total == [1, 0])
  }
}
