package import Numerics

/// A wrong result of one operation of the kernels' self-test: fault injection for tests.
package struct Miscomputation: Sendable, Hashable {
  /// The variant of the kernels that computes wrongly.
  package let variant: KernelVariant
  /// The operation whose result is wrong.
  package let operation: String

  /// Creates a fault from `VARIANT:OPERATION`; nil if there is no such variant or operation.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, let variant = KernelVariant(rawValue: parts[0]),
      KernelSelfTest.operations.contains(parts[1])
    else { return nil }
    (self.variant, operation) = (variant, parts[1])
  }
}
