/// A comparison of the kernels of one variant with known answers, to the bit.
///
/// A processor or memory with a defect, a changed rounding mode, and a compiler or emulator that
/// replaces a fused multiply-add by two operations give other bits. Such a machine would train
/// another model than all others, or spoil that of a shared run.
///
/// The answers are constants, computed in exact arithmetic by scripts/oracle/selftest.py.
package enum KernelSelfTest {
  /// The known result of an operation.
  enum Answer: Sendable {
    /// All words of the result.
    case words([UInt32])
    /// A 64-bit hash of `count` words: FNV-1a with words in place of bytes.
    case digest(UInt64, count: Int)
  }

  /// One operation on fixed inputs. The words of its result are the bit patterns of floats, the two
  /// halves of a double or a number.
  struct Case: Sendable {
    let operation: String
    let words: @Sendable (Kernels) -> [UInt32]

    init(_ operation: String, _ words: @escaping @Sendable (Kernels) -> [UInt32]) {
      self.operation = operation
      self.words = words
    }
  }

  /// The names of all operations, each of which has one answer.
  package static var operations: [String] { cases.map(\.operation) }

  /// Returns the first operation whose result is not the answer; nil if there is none.
  ///
  /// - Parameter miscomputed: an operation of which one bit is inverted in the result: fault
  ///   injection for tests.
  package static func firstFault(of kernels: Kernels, miscomputed: String? = nil) -> String? {
    cases.first { item in
      var words = item.words(kernels)
      if item.operation == miscomputed { words[words.count - 1] ^= 1 }
      return !matches(words, answers[item.operation])
    }?.operation
  }

  private static func matches(_ words: [UInt32], _ answer: Answer?) -> Bool {
    switch answer {
    case .words(let expected): words == expected
    case .digest(let expected, let count): words.count == count && digest(words) == expected
    case nil: false
    }
  }

  private static func digest(_ words: [UInt32]) -> UInt64 {
    words.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  static let cases = products + roundedProducts + transposedProducts + functions + steps + vectors
}
