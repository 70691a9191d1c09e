import Testing

/// Models of 8 units, 5 time steps and batches of 6, whose files are in the repository.
@Suite struct SmallModelTests {
  @Test(arguments: OracleFolder.models)
  func evaluationGivesTensorFlowsLogits(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).logits()
  }

  @Test(arguments: OracleFolder.models)
  func trainingFindsTensorFlowsGradients(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).gradients()
  }

  @Test(arguments: OracleFolder.models)
  func aHundredStepsFollowTensorFlow(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).training()
  }
}

/// The notebooks' size: 128 units, 28 time steps, batches of 50.
@Suite(
  .enabled(
    if: OracleFolder.full != nil,
    "run scripts/oracle/setup, or name a folder of full fixtures in TRIBUTARY_ORACLE"))
struct FullModelTests {
  private static func checks(_ name: String) throws -> ModelChecks {
    try ModelChecks(model: #require(OracleFolder.full).model(name))
  }

  @Test(arguments: OracleFolder.models)
  func evaluationGivesTensorFlowsLogits(name: String) throws {
    try Self.checks(name).logits()
  }

  @Test(arguments: OracleFolder.models)
  func trainingFindsTensorFlowsGradients(name: String) throws {
    try Self.checks(name).gradients()
  }

  @Test(arguments: OracleFolder.models)
  func aHundredStepsFollowTensorFlow(name: String) throws {
    try Self.checks(name).training()
  }
}
