/// A reader of bytes from outside, with the rules that hold for every input.
package struct FuzzTarget: Sendable {
  /// The name, in lower case with hyphens.
  package let name: String
  /// The reader and its rules, in a few words.
  package let summary: String
  /// Valid inputs from which a fuzzer starts; none if any bytes lead to a valid object.
  package let examples: [[UInt8]]
  /// Reads one input. It returns if the input is valid or if it is rejected with an error.
  ///
  /// - Throws: ``Finding`` if a rule does not hold.
  package let run: @Sendable ([UInt8]) throws(Finding) -> Void

  /// Creates a target.
  package init(
    _ name: String, _ summary: String,
    examples: [[UInt8]] = [],
    run: @escaping @Sendable ([UInt8]) throws(Finding) -> Void
  ) {
    self.name = name
    self.summary = summary
    self.examples = examples
    self.run = run
  }
}

/// A rule that does not hold for an input.
package struct Finding: Error, Hashable, CustomStringConvertible {
  /// The rule, with the values that violate it.
  package let description: String

  /// Creates a finding.
  package init(_ description: String) { self.description = description }
}

/// Throws a finding unless a rule holds.
func require(
  _ condition: Bool, _ rule: @autoclosure () -> String
) throws(Finding) {
  guard condition else { throw Finding(rule()) }
}
