package import Numerics

/// The fixed binary tree along which the slices of a batch are summed.
///
/// A node is a run of slices; a node of n > 1 slices is the sum of its left half, ceil(n / 2)
/// slices, and its right half. Floating-point addition is not associative: because the tree is
/// fixed, the sum has the same bits in whatever order the parts arrive, whichever worker computed
/// them.
package struct ReductionTree: Hashable, Sendable {
  /// Number of slices, at least one.
  package let leaves: Int

  /// Creates the tree over slices `0..<leaves`.
  package init(leaves: Int) {
    precondition(leaves > 0, "a tree needs at least one leaf")
    self.leaves = leaves
  }

  /// The node that contains all slices.
  package var root: Range<Int> { 0..<leaves }

  /// Returns the largest complete nodes that make up `run`, in ascending order.
  ///
  /// A worker that holds the slices `run` sums each of these nodes and pushes one tensor per node.
  package func cover(_ run: Range<Int>) -> [Range<Int>] {
    var nodes: [Range<Int>] = []
    collect(run.clamped(to: root), under: root, into: &nodes)
    return nodes
  }

  /// Returns the parent of `node` and the parent's other half; nil for the root or a run of slices
  /// that is not a node of this tree.
  package func family(of node: Range<Int>) -> (parent: Range<Int>, sibling: Range<Int>)? {
    var parent = root
    while parent.count > 1 {
      let (left, right) = Self.halves(of: parent)
      if node == left { return (parent, right) }
      if node == right { return (parent, left) }
      parent = node.lowerBound < right.lowerBound ? left : right
    }
    return nil
  }

  private func collect(
    _ run: Range<Int>, under node: Range<Int>, into nodes: inout [Range<Int>]
  ) {
    guard run.overlaps(node) else { return }
    if run.clamped(to: node) == node {
      nodes.append(node)
      return
    }
    let (left, right) = Self.halves(of: node)
    collect(run, under: left, into: &nodes)
    collect(run, under: right, into: &nodes)
  }

  /// Returns the two halves of a node of more than one slice.
  static func halves(of node: Range<Int>) -> (left: Range<Int>, right: Range<Int>) {
    let middle = node.lowerBound + (node.count + 1) / 2
    return (node.lowerBound..<middle, middle..<node.upperBound)
  }
}

/// A sum along a ``ReductionTree`` whose parts may be added in any order.
package struct TreeSum: Sendable {
  /// The tree that fixes the order of additions.
  package let tree: ReductionTree
  /// Number of values in each part.
  package let width: Int
  private let kernels: Kernels
  private var pending: [Range<Int>: [Float]] = [:]

  /// Creates an empty sum of vectors of `width` values.
  package init(tree: ReductionTree, width: Int, kernels: Kernels = Kernels()) {
    self.tree = tree
    self.width = width
    self.kernels = kernels
  }

  /// The total, or nil until every slice has been added.
  package var total: [Float]? { pending[tree.root] }

  /// The complete nodes whose sibling is incomplete, in ascending order.
  package var complete: [(slices: Range<Int>, values: [Float])] {
    pending.sorted { $0.key.lowerBound < $1.key.lowerBound }.map { ($0.key, $0.value) }
  }

  /// Adds the sum of one complete node.
  ///
  /// - Precondition: `node` is a node of the tree, none of its slices has been added, and `values`
  ///   has ``width`` elements.
  package mutating func add(_ node: Range<Int>, _ values: [Float]) {
    precondition(values.count == width, "a part has \(width) values, not \(values.count)")
    guard let (parent, sibling) = tree.family(of: node),
      var sum = pending.removeValue(forKey: sibling)
    else {
      place(node, values)
      return
    }
    // IEEE addition is commutative: the bits do not depend on which half arrived first.
    kernels.add(into: &sum, values)
    add(parent, sum)
  }

  private mutating func place(_ node: Range<Int>, _ values: [Float]) {
    precondition(tree.cover(node) == [node], "slices \(node) are not a node of the tree")
    precondition(pending[node] == nil, "slices \(node) were already added")
    pending[node] = values
  }
}
