/// The slices of a batch that are not leased, as maximal complete nodes of its ``ReductionTree``.
///
/// A lease of one node has a result of one tensor. Each operation takes O(log n) for every node
/// that it returns or merges, where n is the number of slices.
struct OpenNodes: Sendable {
  private let tree: ReductionTree
  /// Sizes of the nodes of the tree, in descending order: at most two for each level.
  private let sizes: [Int]
  /// For each size, the first slices of the open nodes of that size.
  private var starts: [Int: MinimumSet<Int>] = [:]
  private var nodeCount = 0

  /// Number of open slices.
  private(set) var count = 0

  /// Creates a collection of all slices of `tree`.
  init(tree: ReductionTree) {
    self.tree = tree
    var level: Set = [tree.leaves]
    var sizes = level
    while let largest = level.max(), largest > 1 {
      level = Set(level.filter { $0 > 1 }.flatMap { [($0 + 1) / 2, $0 / 2] })
      sizes.formUnion(level)
    }
    self.sizes = sizes.sorted(by: >)
    insert(tree.root)
  }

  /// Whether all slices are leased.
  var isEmpty: Bool { count == 0 }

  /// Removes and returns one node for each of some idle workers, the largest first, and the
  /// leftmost first of equal ones.
  ///
  /// If there are fewer open nodes than workers, all slices are returned: the largest nodes, the
  /// rightmost first, are split until there is one for each worker or all are single slices.
  mutating func shares(among workers: Int) -> [Range<Int>] {
    if nodeCount >= workers { return (0..<max(workers, 0)).compactMap { _ in popLargest() } }
    var shares = Heap<Share>()
    while let node = popLargest() { shares.insert(Share(node: node)) }
    while shares.count < workers, let largest = shares.first, largest.node.count > 1 {
      _ = shares.popFirst()
      let (left, right) = ReductionTree.halves(of: largest.node)
      shares.insert(Share(node: left))
      shares.insert(Share(node: right))
    }
    var nodes: [Range<Int>] = []
    while let share = shares.popFirst() { nodes.append(share.node) }
    return nodes.sorted { ($1.count, $0.lowerBound) < ($0.count, $1.lowerBound) }
  }

  /// Removes and returns the largest open node of at most `limit` slices, the leftmost of equal
  /// ones. If all open nodes are larger, the smallest of them is split until there is such a node.
  mutating func pop(largestAtMost limit: Int) -> Range<Int>? {
    guard limit > 0 else { return nil }
    if let size = sizes.first(where: { $0 <= limit && isOpen(size: $0) }) { return pop(size: size) }
    guard let size = sizes.last(where: isOpen(size:)), let node = pop(size: size) else {
      return nil
    }
    let (left, right) = ReductionTree.halves(of: node)
    insert(left)
    insert(right)
    return pop(largestAtMost: limit)
  }

  /// Makes a node available again, merged with its sibling if that is open, and so on.
  ///
  /// - Precondition: `node` is a node of the tree, and none of its slices is open.
  mutating func reopen(_ node: Range<Int>) {
    var node = node
    for (parent, sibling) in families(of: node).reversed() {
      guard remove(sibling) else { break }
      node = parent
    }
    insert(node)
  }

  /// Returns the ancestors of a node, the root first, each with its half that does not contain the
  /// node.
  private func families(of node: Range<Int>) -> [(parent: Range<Int>, sibling: Range<Int>)] {
    var families: [(parent: Range<Int>, sibling: Range<Int>)] = []
    var ancestor = tree.root
    while ancestor != node {
      precondition(ancestor.count > 1, "slices \(node) are not a node of the tree")
      precondition(!isOpen(ancestor), "slices \(node) are open already")
      let (left, right) = ReductionTree.halves(of: ancestor)
      let isLeft = node.lowerBound < right.lowerBound
      families.append((ancestor, isLeft ? right : left))
      ancestor = isLeft ? left : right
    }
    precondition(!isOpen(node), "slices \(node) are open already")
    return families
  }

  private func isOpen(size: Int) -> Bool { starts[size]?.isEmpty == false }

  private func isOpen(_ node: Range<Int>) -> Bool {
    starts[node.count]?.contains(node.lowerBound) == true
  }

  private mutating func insert(_ node: Range<Int>) {
    starts[node.count, default: MinimumSet()].insert(node.lowerBound)
    nodeCount += 1
    count += node.count
  }

  /// Removes a node; returns false, and changes nothing, if it is not open.
  private mutating func remove(_ node: Range<Int>) -> Bool {
    guard isOpen(node) else { return false }
    starts[node.count]?.remove(node.lowerBound)
    nodeCount -= 1
    count -= node.count
    return true
  }

  private mutating func popLargest() -> Range<Int>? {
    sizes.first(where: isOpen(size:)).flatMap { pop(size: $0) }
  }

  private mutating func pop(size: Int) -> Range<Int>? {
    guard let start = starts[size]?.popFirst() else { return nil }
    nodeCount -= 1
    count -= size
    return start..<start + size
  }
}

/// A node that may be split for another worker: the largest first, and the rightmost first of equal
/// ones.
private struct Share: Comparable, Sendable {
  let node: Range<Int>

  static func < (left: Share, right: Share) -> Bool {
    (right.node.count, right.node.lowerBound) < (left.node.count, left.node.lowerBound)
  }
}
