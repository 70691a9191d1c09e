import ArgumentParser
import Coordination
import Learning
import Processes

/// The options of a training, shared by `train` and `server`.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for the files of the run. (default: runs/RECIPE-MODE-TIME)", valueName: "dir"))
  var run: String?

  @Option(
    help: ArgumentHelp(
      "Folder of a run to resume from its last checkpoint, with the settings of that run.",
      valueName: "dir"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "Endpoint for workers: tcp://HOST:PORT or ipc://PATH. Port 0 selects a free port.",
      valueName: "endpoint"))
  var listen: String?

  @Flag(
    help: ArgumentHelp(
      "Admit every peer that can connect, without keys and without encryption.",
      discussion: "A peer that can connect may then end the server or change the result."))
  var insecure = false

  @Flag(help: "Print the final report as JSON on standard output.")
  var json = false

  @Flag(help: "Print loss and accuracy of a minibatch every ten steps, like the notebooks.")
  var verbose = false

  @OptionGroup(title: "Settings of the training") var given: SettingOptions

  @OptionGroup(title: "Workers and checkpoints") var policy: PolicyOptions

  @OptionGroup(title: "Limits on connections") var connections: ConnectionOptions

  @OptionGroup(title: "Data and kernels") var data: DataOptions

  /// Returns the settings that the options describe.
  ///
  /// - Throws: `ValidationError` or `SettingsError`, naming the option, the value and the remedy.
  func settings() throws -> TrainingSettings {
    let settings = try given.settings()
    try policy.checkAudit(settings.mode)
    return settings
  }

  /// Refuses settings for a resumed run, which has its own.
  ///
  /// - Throws: `ValidationError`, naming the options.
  func refuseSettings() throws {
    let names = given.given.map(\.option.name) + (run == nil ? [] : ["run"])
    guard !names.isEmpty else { return }
    throw ValidationError(
      "\(names.map { "--" + $0 }.joined(separator: ", ")) cannot be given with --resume; "
        + "a resumed run keeps its folder and its settings")
  }

  /// Returns the endpoint to bind: the one given, or for a resumed run the one it had before; nil
  /// if there is neither.
  ///
  /// - Throws: `ProcessError.unusable(endpoint:)`.
  func endpoint() throws -> String? {
    guard let listen = listen ?? resume.flatMap(RunFolder.lastEndpoint) else { return nil }
    guard Endpoint.isBetweenProcesses(listen) else {
      throw ProcessError.unusable(endpoint: listen)
    }
    return listen
  }
}
