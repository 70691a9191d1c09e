import TestSupport
import Testing

/// Checks small models, whose files are in the repository: 8 units, 5 time steps, batches of 6.
@Suite struct SmallModelTests {
  @Test(arguments: OracleFolder.models)
  func logitsMatchTensorFlow(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).logits()
  }

  @Test(arguments: OracleFolder.models)
  func gradientsMatchTensorFlow(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).gradients()
  }

  @Test(arguments: OracleFolder.models)
  func aHundredStepsMatchTensorFlow(name: String) throws {
    try ModelChecks(model: OracleFolder.small.model(name)).training()
  }
}

/// Checks models of the notebooks' size: 128 units, 28 time steps, batches of 50.
@Suite(
  .enabled(
    if: OracleFolder.full != nil,
    "run scripts/oracle/setup, or set TRIBUTARY_ORACLE to a folder of full-size fixtures"))
struct FullModelTests {
  private static func checks(_ name: String) throws -> ModelChecks {
    try ModelChecks(model: #require(OracleFolder.full).model(name))
  }

  @Test(arguments: OracleFolder.models)
  func logitsMatchTensorFlow(name: String) throws {
    try Self.checks(name).logits()
  }

  @Test(arguments: OracleFolder.models)
  func gradientsMatchTensorFlow(name: String) throws {
    try Self.checks(name).gradients()
  }

  @Test(arguments: OracleFolder.models)
  func aHundredStepsMatchTensorFlow(name: String) throws {
    try Self.checks(name).training()
  }
}
