/// Reasons why a run cannot start or resume in a folder.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// The folder already holds a run.
  case holdsRun(folder: String)
  /// The folder holds no run to resume.
  case noRun(folder: String)
  /// The folder's run is complete.
  case complete(folder: String, steps: UInt64)
  /// Another server uses the folder; the process id is 0 if it is not known yet.
  case inUse(folder: String, process: Int32)

  /// One line with the folder and the remedy.
  package var description: String {
    switch self {
    case .holdsRun(let folder):
      "\(folder) holds a run; use --resume \(folder) or --continue to continue it, "
        + "or another folder with --run"
    case .noRun(let folder):
      "\(folder) holds no run; name the folder of one with --resume, or start one with --run"
    case .complete(let folder, let steps):
      "\(folder) is complete after \(steps) steps; nothing is left to do"
    case .inUse(let folder, let process):
      "\(folder) is in use by the server with process id \(process); "
        + "wait until it exits, or use another folder with --run"
    }
  }
}
