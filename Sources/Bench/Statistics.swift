/// Statistics of repeated measurements.
package enum Statistics {
  /// Returns the median: the middle value, the mean of the two middle ones for an even count, NaN
  /// for no values.
  package static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
