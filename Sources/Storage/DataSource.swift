/// The source of a dataset.
package enum DataSource: Sendable, Hashable {
  /// The four IDX files in a folder.
  case folder(String)
  /// Digits drawn from strokes: `trainingImages` images, and a fifth as many for the test.
  case generated(trainingImages: Int)

  /// The folder of MNIST if no other is configured.
  package static let defaultFolder = "data/mnist"
  /// Generated digits with the default number of images.
  package static let generatedDigits = DataSource.generated(
    trainingImages: GeneratedDigits.usualTrainingCount)

  /// Returns the source that a flag (`--data`) names, else the environment (`MNIST_DIR`), else the
  /// default folder.
  ///
  /// The word `generated`, or `generated:N` for N training images, selects generated digits. They
  /// are also used if neither flag nor environment is set and the default folder has no data; then
  /// `notice` is one line for the user. A folder that was named is returned without a check;
  /// loading it fails if files are missing.
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
