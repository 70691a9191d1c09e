/// Where the data come from.
package enum DataSource: Sendable, Hashable {
  /// The four IDX files in a folder.
  case folder(String)
  /// Digits drawn from strokes: so many training images and a fifth as many for the test.
  case generated(trainingImages: Int)

  /// Where MNIST is expected when nobody says otherwise.
  package static let defaultFolder = "data/mnist"
  /// The generated digits at their usual size.
  package static let generatedDigits = DataSource.generated(
    trainingImages: GeneratedDigits.usualTrainingCount)

  /// The source that a flag (`--data`), the environment (`MNIST_DIR`) or, where neither says
  /// anything, the default folder names, in this order.
  ///
  /// The word `generated`, or `generated:N` for N training images, asks for generated digits. They
  /// also stand in where nothing was asked for and the default folder has no data; then `notice` is
  /// one line that says so. A folder that was asked for is taken as it is; loading it fails where
  /// the files are missing.
  package static func resolve(
    flag: String?, environment: [String: String], defaultFolder: String = defaultFolder
  ) throws(DatasetError) -> (source: DataSource, notice: String?) {
    if let flag { return (try named(flag), nil) }
    if let folder = environment["MNIST_DIR"], !folder.isEmpty { return (try named(folder), nil) }
    if DatasetFolder.looksLikeOne(defaultFolder) { return (.folder(defaultFolder), nil) }
    return (
      .generatedDigits,
      "no MNIST in \(defaultFolder): using generated digits "
        + "(scripts/fetch-mnist downloads MNIST, --data DIR names a folder that has it)"
    )
  }

  private static func named(_ text: String) throws(DatasetError) -> DataSource {
    if text == "generated" { return .generatedDigits }
    guard text.hasPrefix("generated:") else { return .folder(text) }
    let number = String(text.dropFirst("generated:".count))
    let counts = GeneratedDigits.trainingCounts
    guard let count = Int(number), counts ~= count else {
      throw .generatedCount(
        text: number, minimum: counts.lowerBound, maximum: counts.upperBound)
    }
    return .generated(trainingImages: count)
  }
}
