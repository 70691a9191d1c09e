/// The options as arguments again, for a server that is started with them. A value stands in one
/// word with its name, so that it may begin with a dash.
extension TrainingOptions {
  /// What is trained: a run that goes on knows it from its checkpoint.
  var settingArguments: [String] {
    Self.words([
      ("recipe", recipe), ("mode", mode), ("staleness", staleness),
      ("max-staleness", maxStaleness), ("batch-size", batchSize), ("slices", slices),
      ("epochs", epochs), ("steps", steps), ("units", units), ("layers", layers), ("scan", scan),
      ("learning-rate", learningRate), ("schedule", schedule), ("warm-up", warmUp),
      ("clip", clip), ("augmentation", augmentation), ("normalization", normalization),
      ("kernel-initializer", kernelInitializer), ("dense-initializer", denseInitializer),
      ("bias-initializer", biasInitializer), ("evaluate-every", evaluateEvery),
      ("precision", precision), ("seed", seed.map(String.init)),
    ])
  }

  /// How the server does it. The run's folder and the endpoint are left to whoever starts it.
  var serverArguments: [String] {
    let flags = [("insecure", insecure), ("json", json), ("verbose", verbose)]
    return flags.filter(\.1).map { "--" + $0.0 }
      + Self.words([
        ("checkpoint-every", policy.checkpointEvery),
        ("worker-timeout", "\(policy.workerTimeout)"), ("min-workers", "\(policy.minWorkers)"),
        ("max-workers", "\(policy.maxWorkers)"),
        ("wait-for-workers", "\(policy.waitForWorkers)"),
        ("final-evaluation", policy.finalEvaluation), ("data", data.data),
        ("kernels", data.kernels),
      ])
  }

  private static func words(_ options: [(name: String, value: String?)]) -> [String] {
    options.compactMap { name, value in value.map { "--\(name)=\($0)" } }
  }
}
