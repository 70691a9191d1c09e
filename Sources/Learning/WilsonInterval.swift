/// Wilson's score interval: a confidence interval of a probability, given the number of successes
/// in a number of trials.
///
/// Unlike the textbook interval p ± 1.96 sqrt(p (1 - p) / n), it has the stated coverage near 0 and
/// 1. Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927).
package struct WilsonInterval: Sendable, Hashable {
  /// The confidence level.
  package static let confidence = 0.95
  /// The 97.5 % quantile of the normal distribution.
  private static let z = 1.959963984540054

  /// The bounds, 0 to 1.
  package let lower: Double, upper: Double

  /// Creates the interval for `successes` in `trials`; 0 to 1 if there are no trials.
  ///
  /// - Precondition: `successes` is in 0...trials.
  package init(successes: Int, trials: Int) {
    precondition(
      0 <= successes && successes <= trials, "\(successes) successes are not in 0...\(trials)")
    guard trials > 0 else {
      (lower, upper) = (0, 1)
      return
    }
    let (n, share) = (Double(trials), Double(successes) / Double(trials))
    let square = Self.z * Self.z
    let centre = (share + square / (2 * n)) / (1 + square / n)
    let variance = share * (1 - share) / n + square / (4 * n * n)
    let margin = Self.z / (1 + square / n) * variance.squareRoot()
    lower = successes == 0 ? 0 : centre - margin
    upper = successes == trials ? 1 : centre + margin
  }
}
