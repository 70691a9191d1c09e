import Testing

@testable import Learning

@Suite struct ScheduleTests {
  private static func recipe(
    _ schedule: Schedule, warmUp: UInt64, rate: Float = 0.006
  ) -> Recipe {
    var recipe = Recipe.v1
    (recipe.schedule, recipe.warmUp, recipe.learningRate) = (schedule, warmUp, rate)
    return recipe
  }

  @Test(arguments: Recipe.notebooks)
  func notebookRecipesHaveAConstantLearningRate(recipe: Recipe) {
    for step in [UInt64(0), 1, 500, 998] {
      #expect(recipe.learningRate(step: step, of: 999) == 0.001)
    }
  }

  /// Expected values: (1 + cos(pi k / n)) / 2 from Python's math module.
  @Test(
    arguments: [
      (0, 10, 1), (5, 10, 0.5), (9, 10, 0.024471741852423234),
      (5499, 5500, 8.156697628436405e-08), (3, 7, 0.6112604669781572),
    ] as [(UInt64, UInt64, Double)])
  func cosineDecaysOverHalfAPeriod(step: UInt64, steps: UInt64, factor: Double) {
    let remaining = Double(steps - step) / Double(steps)
    let ours = Schedule.cosine.factor(remaining: remaining)
    #expect(abs(ours - factor) < 1e-15)
    let rate = Self.recipe(.cosine, warmUp: 0, rate: 1).learningRate(step: step, of: steps)
    #expect(rate == Float(factor))
  }

  /// Rate 0.006, three updates of warm-up and ten of the cosine. Expected values: numpy in double
  /// precision, rounded to float32.
  @Test func warmUpIsLinearAndPrecedesTheSchedule() {
    let expected: [Float] = [
      0.0020000000949949026, 0.004000000189989805, 0.006000000052154064, 0.006000000052154064,
      0.005853169597685337, 0.005427050869911909, 0.004763355944305658, 0.003927051089704037,
      0.003000000026077032, 0.0020729489624500275, 0.0012366442242637277, 0.0005729490076191723,
      0.0001468304544687271,
    ]
    let recipe = Self.recipe(.cosine, warmUp: 3)
    #expect((0..<13).map { recipe.learningRate(step: $0, of: 13) } == expected)
    let constant = Self.recipe(.constant, warmUp: 3)
    let rates = (0..<13).map { constant.learningRate(step: $0, of: 13) }
    #expect(rates == expected[..<3] + Array(repeating: 0.006, count: 10))
  }

  @Test(arguments: Schedule.allCases, [UInt64(0), 1, 5, 100, 1_000_000_000])
  func everyRateIsAboveZeroAndAtMostThePeak(schedule: Schedule, warmUp: UInt64) {
    let recipe = Self.recipe(schedule, warmUp: warmUp, rate: 0.01)
    for steps in [UInt64(1), 2, 100, TrainingLength.maximumSteps] {
      for step in [0, steps / 3, steps / 2, steps - 1] {
        let rate = recipe.learningRate(step: step, of: steps)
        #expect(rate > 0 && rate <= 0.01, "step \(step) of \(steps)")
      }
    }
  }

  @Test(arguments: Schedule.allCases, [UInt64(0), 5, 10, 12])
  func stepsAfterTheEndHaveTheLastRate(schedule: Schedule, warmUp: UInt64) {
    let recipe = Self.recipe(schedule, warmUp: warmUp)
    let last = recipe.learningRate(step: max(9, warmUp), of: 10)
    #expect(last > 0)
    for step in [UInt64(20), .max] { #expect(recipe.learningRate(step: step, of: 10) == last) }
  }

  @Test func theSineIsAccurate() {
    #expect(Schedule.sine(0) == 0)
    #expect(abs(Schedule.sine(.pi / 6) - 0.5) < 2e-16)
    #expect(abs(Schedule.sine(.pi / 4) - 0.5.squareRoot()) < 2e-16)
    #expect(abs(Schedule.sine(.pi / 2) - 1) < 3e-16)
    #expect(Schedule.sine(1e-9) == 1e-9)
  }
}
