/// Why a run cannot begin or go on in a folder.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// There is a run in it already.
  case holdsRun(folder: String)
  /// There is no run in it that could be gone on with.
  case noRun(folder: String)
  /// Its run is complete.
  case complete(folder: String, steps: UInt64)
  /// Another server is at work in it; 0 if its process did not say so yet.
  case inUse(folder: String, process: Int32)

  /// One line: which folder, and what to do.
  package var description: String {
    switch self {
    case .holdsRun(let folder):
      "\(folder) holds a run; --resume \(folder) goes on with it, "
        + "or name another folder with --run"
    case .noRun(let folder):
      "\(folder) holds no run; name the folder of one with --resume, or begin one with --run"
    case .complete(let folder, let steps):
      "\(folder) is complete after \(steps) steps; nothing is left to do"
    case .inUse(let folder, let process):
      "\(folder) is in use by the server with process id \(process); "
        + "wait for its end, or name another folder with --run"
    }
  }
}
