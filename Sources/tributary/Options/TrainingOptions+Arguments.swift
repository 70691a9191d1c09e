/// The options as arguments again, for the server that a launcher starts. A value is in one word
/// with its name, because it may begin with a hyphen.
extension TrainingOptions {
  /// The settings of the training, and the model that it begins with. A resumed run reads them from
  /// its folder instead.
  var settingArguments: [String] {
    given.arguments + Self.words([("initial-model", initialModel)])
  }

  /// All other options except the folder of the run and the endpoint, which the launcher adds.
  var serverArguments: [String] {
    let flags =
      [("insecure", insecure), ("json", json), ("verbose", verbose)]
      + [("audit-replay", policy.auditReplay)]
    let length = resumed == nil ? [] : given.lengthArguments
    return flags.filter(\.1).map { "--" + $0.0 } + length + advertise.map { "--advertise=\($0)" }
      + Self.words([
        ("checkpoint-every", policy.checkpointEvery),
        ("worker-timeout", "\(policy.workerTimeout)"), ("start-with", "\(policy.startWith)"),
        ("min-workers", "\(policy.minWorkers)"),
        ("max-workers", "\(policy.maxWorkers)"),
        ("wait-for-workers", "\(policy.waitForWorkers)"),
        ("worker-patience", "\(policy.workerPatience)"),
        ("audit", "\(policy.audit)"),
        ("final-evaluation", policy.finalEvaluation),
        ("max-connections", "\(connections.maxConnections)"),
        ("max-pending", "\(connections.maxPending)"),
        ("handshake-time", "\(connections.handshakeTime)"),
        ("max-connection-rate", "\(connections.maxConnectionRate)"),
        ("max-message-rate", "\(connections.maxMessageRate)"), ("data", data.data),
        ("kernels", data.kernels), ("health", health), ("miscompute", data.miscompute),
      ])
  }

  private static func words(_ options: [(name: String, value: String?)]) -> [String] {
    options.compactMap { name, value in value.map { "--\(name)=\($0)" } }
  }
}
