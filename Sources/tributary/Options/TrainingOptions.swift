import ArgumentParser
import Coordination
import Foundation
import Learning
import Processes

/// The options of a training, shared by `train` and `server`.
struct TrainingOptions: ParsableArguments {
  @Option(
    help: """
      tutorial, v1, v2, v3, v3-as-run or best; what follows overrides its settings. \
      (default: tutorial)
      """)
  var recipe: String?

  @Option(
    help: """
      sync: result independent of the workers, to the bit; async: apply on arrival; \
      bounded: on arrival, and nobody far ahead. (default: sync)
      """)
  var mode: String?

  @Option(help: "bounded: batches that a worker may be ahead of the slowest. (default: 1)")
  var staleness: String?

  @Option(
    help: "async and bounded: gradients of older weights than this are computed anew.")
  var maxStaleness: String?

  @Option(help: "Samples in a batch.")
  var batchSize: String?

  @Option(help: "Slices a batch is cut into, whatever the number of workers.")
  var slices: String?

  @Option(help: "Passes over the training set.")
  var epochs: String?

  @Option(help: "Updates of the weights.")
  var steps: String?

  @Option(help: "Outputs of each LSTM layer.")
  var units: String?

  @Option(help: "LSTM layers, each reading the outputs of the one before.")
  var layers: String?

  @Option(help: "How an image is read: rows, columns or pixels.")
  var scan: String?

  @Option(help: "Adam's learning rate at its height.")
  var learningRate: String?

  @Option(help: "The learning rate after the warm-up: constant or cosine.")
  var schedule: String?

  @Option(help: "Updates over which the learning rate grows to its full size.")
  var warmUp: String?

  @Option(
    help: """
      Bound on the gradient: none, value:X or norm:X. (default: the recipe's; where that has none \
      and the mode is not sync, norm:1)
      """)
  var clip: String?

  @Option(help: "Random change of training images: none or affine:SHIFT,WARP.")
  var augmentation: String?

  @Option(help: "Batch normalization of the last output: none, batch or frozen.")
  var normalization: String?

  @Option(
    help: "Start of the LSTM's kernel: glorot-uniform, variance-scaling, normal, zeros or ones.")
  var kernelInitializer: String?

  @Option(help: "Start of the dense layer's kernel.")
  var denseInitializer: String?

  @Option(help: "Start of the dense layer's bias.")
  var biasInitializer: String?

  @Option(help: "Operands of the LSTM's products: f32 or bf16. Weights and sums stay f32.")
  var precision: String?

  @Option(help: "Steps between evaluations of the validation set; 0: only at the end.")
  var evaluateEvery: String?

  @Option(help: "Seed of the weights and of every epoch's order. (default: 10)")
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Folder of the run's files. (default: runs/RECIPE-MODE-TIME)", valueName: "dir"))
  var run: String?

  @Option(
    help: ArgumentHelp(
      "Go on with the run in this folder from its last checkpoint, with its own settings.",
      valueName: "dir"))
  var resume: String?

  @Option(
    help: ArgumentHelp(
      "tcp://HOST:PORT (port 0 picks one) or ipc://PATH.", valueName: "endpoint"))
  var listen: String?

  @Flag(help: "Listen where other hosts can connect, without protection.")
  var insecure = false

  @Flag(help: "Print the report as JSON on standard output.")
  var json = false

  @Flag(help: "Print the notebook's lines: loss and accuracy of a minibatch every ten steps.")
  var verbose = false

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var data: DataOptions

  /// The settings these options amount to.
  ///
  /// - Throws: `RecipeError` or `ValidationError`, naming the flag's value and the remedy.
  func settings() throws -> TrainingSettings {
    let name = mode ?? "sync"
    guard let mode = Mode(rawValue: name) else {
      throw ValidationError("--mode cannot be '\(name)'; use sync, async or bounded")
    }
    guard epochs == nil || steps == nil else {
      throw ValidationError("give --epochs or --steps, not both")
    }
    var recipe = try Recipe.preset(named: recipe ?? "tutorial")
    for (key, value) in overrides {
      if let value { try set(key, to: value, in: &recipe) }
    }
    // A stale gradient that is large as well does lasting damage; see the modes' article.
    if mode != .sync, clip == nil, recipe.clip == .none { recipe.clip = .norm(1) }
    if slices == nil { recipe.slices = min(recipe.slices, recipe.batchSize) }
    try recipe.validate()
    var settings = TrainingSettings(recipe: recipe, mode: mode, seed: seed ?? 10)
    try setStaleness(in: &settings)
    return settings
  }

  private func setStaleness(in settings: inout TrainingSettings) throws {
    guard staleness == nil || settings.mode == .bounded else {
      throw ValidationError("--staleness is for --mode bounded; leave it out with others")
    }
    guard maxStaleness == nil || settings.mode != .sync else {
      throw ValidationError(
        "--max-staleness is for --mode async and bounded; leave it out with sync")
    }
    if let staleness { settings.lead = try count(staleness, "--staleness") }
    if let maxStaleness {
      settings.maximumStaleness = try count(maxStaleness, "--max-staleness")
    }
  }

  private func count(_ text: String, _ flag: String) throws -> UInt64 {
    guard let count = UInt64(text), count <= 1_000_000 else {
      throw ValidationError("\(flag) cannot be '\(text)'; use 0 to 1000000")
    }
    return count
  }

  /// Stops a resumed run that is told other settings than its own.
  ///
  /// - Throws: `ValidationError`, naming the flags.
  func refuseSettings() throws {
    let settings: [(String, String?)] =
      [("recipe", recipe), ("mode", mode), ("seed", seed?.description), ("run", run)]
      + [("staleness", staleness), ("max-staleness", maxStaleness)]
      + [("epochs", epochs), ("steps", steps)]
      + overrides.filter { $0.0 != .length }.map { ($0.0.rawValue, $0.1) }
    let given = settings.filter { $0.1 != nil }.map { "--" + $0.0 }
    guard !given.isEmpty else { return }
    throw ValidationError(
      "\(given.joined(separator: ", ")) cannot be given with --resume; "
        + "the run goes on in its folder with its own settings")
  }

  /// The endpoint to listen at, if one was named or a run is resumed: then it is that of before.
  ///
  /// - Throws: ``ProcessError/unusable(endpoint:)``, or ``ProcessError/exposed(endpoint:)`` if
  ///   others could reach it unprotected.
  func endpoint() throws -> String? {
    guard let listen = listen ?? resume.flatMap(RunFolder.lastEndpoint) else { return nil }
    guard Endpoint.isBetweenProcesses(listen) else {
      throw ProcessError.unusable(endpoint: listen)
    }
    guard insecure || Endpoint.isLocal(listen) else {
      throw ProcessError.exposed(endpoint: listen)
    }
    return listen
  }

  /// Changes one setting; a bad value is told by the name of its flag.
  private func set(_ key: Recipe.Key, to value: String, in recipe: inout Recipe) throws {
    do {
      try recipe.set(key.rawValue, to: value)
    } catch .badValue(_, let value, let allowed) {
      if key == .length { throw badLength }
      throw ValidationError("--\(key.rawValue) cannot be '\(value)'; use \(allowed)")
    }
  }

  private var badLength: ValidationError {
    if let epochs {
      return ValidationError(
        "--epochs cannot be '\(epochs)'; use 1 to \(TrainingLength.maximumEpochs)")
    }
    return ValidationError(
      "--steps cannot be '\(steps ?? "")'; use 1 to \(TrainingLength.maximumSteps)")
  }

  private var overrides: [(Recipe.Key, String?)] {
    [
      (.units, units), (.layers, layers), (.scan, scan), (.normalization, normalization),
      (.kernelInitializer, kernelInitializer), (.denseInitializer, denseInitializer),
      (.biasInitializer, biasInitializer), (.batchSize, batchSize), (.slices, slices),
      (.length, epochs.map { "epochs:" + $0 } ?? steps.map { "steps:" + $0 }),
      (.learningRate, learningRate), (.schedule, schedule), (.warmUp, warmUp), (.clip, clip),
      (.augmentation, augmentation), (.evaluateEvery, evaluateEvery), (.precision, precision),
    ]
  }
}
