import ArgumentParser
import Coordination
import Learning
import Processes
import Telemetry
import Wire

/// The options of a training, shared by `train` and `server`.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder for the files of the run. (default: runs/RECIPE-MODE-TIME)", valueName: "dir"),
    completion: .directory)
  var run: String?

  @Option(
    help: ArgumentHelp(
      "Folder of a run to resume from its last checkpoint, with the settings of that run.",
      discussion: "--epochs or --steps may make it longer, also after its end.", valueName: "dir"),
    completion: .directory)
  var resume: String?

  @Flag(
    name: .customLong("continue"),
    help: ArgumentHelp(
      "Resume the run in the folder of --run if there is one, otherwise start it.",
      discussion: """
        A supervisor can use one command for the start and for every restart. A run that is \
        complete ends with 0, and settings that contradict those of the run are refused.
        """))
  var continues = false

  @Option(
    help: ArgumentHelp(
      "Model file or run whose weights a new run begins with, instead of random ones.",
      valueName: "model"), completion: .file())
  var initialModel: String?

  @Option(
    help: ArgumentHelp(
      "Endpoint for workers: tcp://HOST:PORT or ipc://PATH. Port 0 selects a free port.",
      discussion: """
        HOST is an address or a name of this host, the name of an interface such as eth0, or * for \
        all addresses, IPv4 and IPv6.
        """, valueName: "endpoint"))
  var listen: String?

  @Option(
    help: ArgumentHelp(
      "Address of the server in invitations, if it is not the one it listens at. Repeatable.",
      discussion: """
        For a server behind a name or a forwarded port: HOST or HOST:PORT. Workers try the \
        addresses in turn. (default: the addresses of this host at which the server listens)
        """, valueName: "host"))
  var advertise: [String] = []

  @Option(
    help: ArgumentHelp(
      "Answer /healthz and /readyz over HTTP here: HOST:PORT. Port 0 selects a free port.",
      discussion: "Ready is a server that listens and has enough workers.",
      valueName: "endpoint"))
  var health: String?

  @Flag(
    help: ArgumentHelp(
      "Admit every peer that can connect, without keys and without encryption.",
      discussion: "A peer that can connect may then end the server or change the result."))
  var insecure = false

  @Option(
    help: ArgumentHelp(
      "File of settings: a JSON object with the names of options, such as a run's settings.json.",
      discussion: "Options have precedence over it, and so have variables such as TRIBUTARY_SEED.",
      valueName: "file"), completion: .file())
  var config: String?

  @Flag(help: "Print the settings of the training as JSON, for --config, and do nothing else.")
  var printSettings = false

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

  func validate() throws {
    _ = try advertisement()
    _ = try healthEndpoint()
    guard continues else { return }
    guard run != nil, resume == nil else {
      throw ValidationError(
        "--continue needs the folder of the run in --run; it cannot be given with --resume")
    }
  }

  /// Returns the endpoints that invitations name; an option may have several, with commas.
  ///
  /// - Throws: `ValidationError`, naming the option, the value and the remedy.
  func advertisement() throws -> Advertisement {
    let places = advertise.flatMap { $0.split(separator: ",").map(String.init) }
    guard let advertisement = Advertisement(places) else {
      throw ValidationError(
        "--advertise cannot be '\(advertise.joined(separator: ","))'; use up to 16 times HOST or "
          + "HOST:PORT with a name or an address by which workers reach this host")
    }
    return advertisement
  }

  /// Prints the settings as JSON if that was requested.
  ///
  /// - Returns: whether it was.
  func printsSettings() throws -> Bool {
    guard printSettings else { return false }
    let pairs = try settings().pairs.map { ($0.key, $0.value) }
    let json = try ReportJSON.encode(Dictionary(uniqueKeysWithValues: pairs))
    try StandardOutput.write(String(decoding: json, as: UTF8.self))
    return true
  }

  /// The folder of the run to resume; nil for a new run.
  var resumed: String? {
    resume ?? run.flatMap { continues && RunFolder.holdsRun($0) ? $0 : nil }
  }

  /// Checks the options of a resumed run, which has its own settings: with `--continue` the ones
  /// given must be the same, otherwise none may be given.
  ///
  /// - Throws: `ValidationError`, naming the options.
  func checkResumed() throws {
    guard continues, let run else { return try refuseSettings() }
    let (own, wanted) = (try RunFolder.recordedSettings(run), try settings())
    for given in given.given {
      let key = given.definition.key
      guard key != SettingOptions.lengthKey else { continue }  // a run may become longer
      guard let recorded = own[key], recorded != given.definition.text(in: wanted) else { continue }
      throw ValidationError(
        "--\(given.option.name) cannot be \(given.text): the run in \(run) has \(key) "
          + "\(recorded); omit the option, or name another folder with --run")
    }
  }

  /// Refuses settings for a resumed run.
  ///
  /// - Throws: `ValidationError`, naming the options.
  func refuseSettings() throws {
    let names =
      given.given.filter { $0.definition.key != SettingOptions.lengthKey }.map(\.option.name)
      + (initialModel == nil ? [] : ["initial-model"]) + (run == nil ? [] : ["run"])
    guard !names.isEmpty else { return }
    throw ValidationError(
      "\(names.map { "--" + $0 }.joined(separator: ", ")) cannot be given with --resume; "
        + "a resumed run keeps its folder and its settings")
  }

  /// Returns the place at which the server answers questions about its health; nil for none.
  ///
  /// - Throws: `ValidationError`.
  func healthEndpoint() throws -> HealthEndpoint? {
    guard let health else { return nil }
    guard let endpoint = HealthEndpoint(health) else {
      throw ValidationError("--health cannot be '\(health)'; use HOST:PORT or tcp://HOST:PORT")
    }
    return endpoint
  }

  /// Returns the endpoint to bind: the one given, or for a resumed run the one it had before; nil
  /// if there is neither.
  ///
  /// - Throws: `ProcessError.unusable(endpoint:)`.
  func endpoint() throws -> String? {
    guard let listen = listen ?? resumed.flatMap(RunFolder.lastEndpoint) else { return nil }
    guard Endpoint.isBetweenProcesses(listen) else {
      throw ProcessError.unusable(endpoint: listen)
    }
    return listen
  }
}
