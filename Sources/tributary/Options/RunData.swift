import Foundation
import Processes
import Storage

/// The data of a resumed run.
extension TrainingOptions {
  /// The data options, with the source that the run records where it is resumed without `--data`.
  ///
  /// - Throws: an exit code if the recorded folder does not exist.
  func dataOfRun() throws -> DataOptions {
    guard let resumed, data.data == nil, let recorded = RunFolder.recordedData(resumed) else {
      return data
    }
    guard recorded.hasPrefix("generated") || FileManager.default.fileExists(atPath: recorded)
    else {
      throw Failure.exit(
        .badData,
        "\(resumed) was trained on the data in \(recorded), which does not exist; "
          + "name the folder that has them now with --data")
    }
    var data = data
    data.data = recorded
    return data
  }
}

extension DataSource {
  /// The source as a value of `--data` that is valid in any working folder.
  var recorded: String {
    switch self {
    case .folder(let path): URL(fileURLWithPath: path).standardizedFileURL.path
    case .generated(let count): "generated:\(count)"
    }
  }
}
