/// The last update in a metrics file.
package struct LastUpdate: Decodable, Sendable, Equatable {
  /// Number of updates, and epoch of the last one, counted from 0.
  package let step: UInt64, epoch: UInt64
  /// Mean cross entropy and share of correct samples in its batch; nil unless they are finite.
  package let loss: Double?, accuracy: Double?

  private let kind: String

  /// Finds the last update in the end of a metrics file, of which the first line may be incomplete;
  /// nil if there is none.
  package init?(in content: [UInt8]) {
    let lines = content.split(separator: UInt8(ascii: "\n"))
    let found = lines.reversed().lazy
      .compactMap { try? ReportJSON.decode(LastUpdate.self, from: $0) }
      .first { $0.kind == "step" }
    guard let found else { return nil }
    self = found
  }
}
