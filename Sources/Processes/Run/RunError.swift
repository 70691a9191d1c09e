package import Learning

/// Reasons why a run cannot start or resume in a folder.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// The folder already holds a run.
  case holdsRun(folder: String)
  /// The folder holds no run to resume.
  case noRun(folder: String)
  /// The folder's run is complete.
  case complete(folder: String, steps: UInt64)
  /// The length given for a resumed run is shorter than that of the run.
  case shorter(folder: String, length: TrainingLength, recorded: TrainingLength)
  /// The model that a run is to begin with is of another shape than the run's; the texts describe
  /// both.
  case initialModel(path: String, own: String, wanted: String)
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
    case .shorter(let folder, let length, let recorded):
      "the run in \(folder) has the length \(recorded), it cannot be resumed with \(length); "
        + "use the same or a greater length"
    case .initialModel(let path, let own, let wanted):
      "\(path) is a model of \(own), the run needs one of \(wanted); use the settings and data of "
        + "that model, or another model"
    case .inUse(let folder, let process):
      "\(folder) is in use by the server with process id \(process); "
        + "wait until it exits, or use another folder with --run"
    }
  }
}
