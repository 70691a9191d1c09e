import Foundation
package import Numerics

/// A machine whose kernels compute other results than the known ones.
package struct MachineFault: Error, Hashable, CustomStringConvertible {
  /// The name of the machine.
  package let host: String
  /// The variant of the kernels that was tested.
  package let variant: KernelVariant
  /// The operation whose result is wrong.
  package let operation: String
  /// The other variants of this processor whose results are right.
  package let alternatives: [KernelVariant]

  /// Compares the kernels with known results, to the bit, in a few milliseconds.
  ///
  /// - Parameters:
  ///   - kernels: the kernels to use. If they fail, the other variants are tested as well, for the
  ///     message.
  ///   - fault: the result to spoil: fault injection for tests.
  ///   - host: the name of this machine.
  /// - Throws: `MachineFault`, naming the first wrong operation.
  package static func check(
    _ kernels: Kernels, injecting fault: Miscomputation? = nil,
    host: String = ProcessInfo.processInfo.hostName
  ) throws {
    guard let operation = firstFault(of: kernels, injecting: fault) else { return }
    let others = KernelVariant.supported.filter { $0 != kernels.variant }
    throw MachineFault(
      host: host, variant: kernels.variant, operation: operation,
      alternatives: others.filter { firstFault(of: Kernels($0), injecting: fault) == nil })
  }

  private static func firstFault(of kernels: Kernels, injecting fault: Miscomputation?) -> String? {
    KernelSelfTest.firstFault(
      of: kernels, miscomputed: fault?.variant == kernels.variant ? fault?.operation : nil)
  }

  /// One line: the machine, the variant, the operation, and the remedy.
  package var description: String {
    let names = alternatives.map { "--kernels \($0.rawValue)" }.joined(separator: " or ")
    let passed = names.isEmpty ? "" : "; \(names) passed"
    return "the machine \(host) computes wrongly: the \(variant.rawValue) kernels failed the "
      + "self-test in \(operation); test its memory and processor, or use another machine\(passed)"
  }
}
