import Testing

@testable import Learning

@Suite struct RecipeTests {
  @Test func presetsAreTheNotebooks() {
    let names = Recipe.notebooks.map(\.name)
    #expect(names == ["tutorial", "v1", "v2", "v3", "v3-as-run"])
    #expect(Recipe.notebooks.allSatisfy { $0.units == 128 && $0.scan == .rows })
    #expect(Recipe.presets.allSatisfy { $0.layers == 1 })
    #expect(Recipe.notebooks.allSatisfy { $0.learningRate == 0.001 })
    #expect(Recipe.notebooks.allSatisfy { $0.schedule == .constant && $0.warmUp == 0 })
    #expect(Recipe.notebooks.allSatisfy { $0.augmentation == .none })
    #expect(Recipe.tutorial.batchSize == 100)
    #expect(Recipe.tutorial.length == .steps(999))
    for recipe in [Recipe.v1, .v2, .v3, .v3AsRun] {
      #expect(recipe.batchSize == 50)
      #expect(recipe.length == .epochs(11))
    }
    #expect(Recipe.notebooks.map(\.slices) == [8, 8, 8, 2, 8])
    #expect(Recipe.notebooks.map(\.clip) == [.none, .none, .none, .value(1), .value(1)])
    #expect(Recipe.notebooks.map(\.normalization) == [.none, .none, .none, .batch, .frozen])
  }

  @Test func theBestRecipeHasTheSameModel() {
    #expect(Recipe.presets == Recipe.notebooks + [.best])
    let shape = ModelShape(recipe: .best, height: 28, width: 28, classes: 10)
    #expect(shape == ModelShape(recipe: .v1, height: 28, width: 28, classes: 10))
    #expect(Recipe.best.schedule == .cosine)
    #expect(Recipe.best.augmentation == .affine(shift: 2, warp: 0.15))
  }

  @Test func presetsHaveTheInitializersOfTheNotebooks() {
    for recipe in [Recipe.tutorial, .v1] {
      #expect(recipe.kernelInitializer == .glorotUniform)
      #expect(recipe.denseInitializer == .normal)
      #expect(recipe.biasInitializer == .normal)
    }
    for recipe in [Recipe.v2, .v3, .v3AsRun] {
      #expect(recipe.kernelInitializer == .varianceScaling)
      #expect(recipe.denseInitializer == .varianceScaling)
      #expect(recipe.biasInitializer == .zeros)
    }
  }

  @Test func presetsAreFoundByName() throws {
    #expect(try Recipe.preset(named: "v3-as-run") == .v3AsRun)
    #expect(throws: SettingsError.unknownRecipe(name: "v4")) { try Recipe.preset(named: "v4") }
    #expect(
      SettingsError.unknownRecipe(name: "v4").description
        == "recipe 'v4' is unknown; use tutorial, v1, v2, v3, v3-as-run or best")
  }

  @Test(arguments: Recipe.presets)
  func settingsReadBack(recipe: Recipe) throws {
    try recipe.validate()
    #expect(try Recipe(settings: recipe.settings) == recipe)
    #expect(try Recipe(settings: recipe.settings.reversed()) == recipe)
  }

  @Test func settingsHaveCanonicalText() {
    let lines = Recipe.v3.settings.map { "\($0.key)=\($0.value)" }
    #expect(
      lines == [
        "recipe=v3", "units=128", "layers=1", "scan=rows", "normalization=batch",
        "kernel-initializer=variance-scaling", "dense-initializer=variance-scaling",
        "bias-initializer=zeros", "batch-size=50", "slices=2", "length=epochs:11",
        "learning-rate=0.001", "schedule=constant", "warm-up=0", "clip=value:1",
        "augmentation=none", "evaluate-every=1100", "precision=f32",
      ])
  }

  @Test(
    arguments: [
      0.001, 0.1, 1, 1.0 / 3, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 123_456.79,
    ] as [Float])
  func learningRateReadsBackToTheBit(rate: Float) throws {
    var recipe = Recipe.v1
    recipe.learningRate = rate
    let back = try Recipe(settings: recipe.settings)
    #expect(back.learningRate.bitPattern == rate.bitPattern)
  }

  @Test(arguments: [
    ("recipe", "v9"), ("units", "0"), ("units", "8193"), ("units", "1.5"), ("units", ""),
    ("layers", "0"), ("layers", "9"), ("scan", "diagonal"), ("normalization", "layer"),
    ("kernel-initializer", "he"), ("dense-initializer", "Normal"), ("bias-initializer", "two"),
    ("batch-size", "0"), ("batch-size", "65537"), ("slices", "0"),
    ("slices", "99999999999999999999"),
    ("length", "11"), ("length", "epochs:0"), ("length", "epochs:1000001"),
    ("length", "steps:-1"), ("length", "steps:1000000001"), ("learning-rate", "0"),
    ("learning-rate", "-0.1"), ("learning-rate", "inf"), ("learning-rate", "nan"),
    ("learning-rate", "fast"), ("clip", "value:0"), ("evaluate-every", "-1"),
    ("schedule", "linear"), ("warm-up", "-1"), ("warm-up", "1000000001"),
    ("augmentation", "affine:2"), ("precision", "f16"),
  ])
  func badValueIsNamed(key: String, value: String) throws {
    var recipe = Recipe.v1
    let allowed = try #require(Recipe.definitions.first { $0.key == key }).allowed
    let expected = SettingsError.badValue(key: key, value: value, allowed: allowed)
    #expect(throws: expected) { try recipe.set(key, to: value) }
    #expect(recipe == .v1)
    #expect(expected.description == "setting '\(key)' cannot be '\(value)'; use \(allowed)")
  }

  @Test func unknownKeyIsNamed() {
    let error = SettingsError.unknownKey(
      key: "unit", value: "3", known: Recipe.definitions.map(\.key))
    #expect(throws: error) { try Recipe(settings: Recipe.v1.settings + [("unit", "3")]) }
    #expect(error.description.hasPrefix("setting 'unit' (value '3') is unknown; use recipe, units"))
  }

  /// Files of earlier versions lack them.
  @Test(arguments: Recipe.definitions.filter(\.mayBeMissing).map(\.key))
  func settingsAddedLaterMayBeMissing(key: String) throws {
    let settings = Recipe.v2.settings.filter { $0.key != key }
    #expect(try Recipe(settings: settings) == .v2)
  }

  @Test(arguments: Recipe.definitions.filter { !$0.mayBeMissing }.map(\.key))
  func missingKeyIsNamed(key: String) throws {
    let settings = Recipe.v2.settings.filter { $0.key != key }
    let allowed = try #require(Recipe.definitions.first { $0.key == key }).allowed
    let error = SettingsError.missingKey(key: key, allowed: allowed)
    #expect(throws: error) { try Recipe(settings: settings) }
    #expect(error.description == "setting '\(key)' is missing; use \(allowed)")
  }

  @Test func repeatedKeyIsNamed() {
    let error = SettingsError.repeatedKey(key: "units", value: "128")
    #expect(throws: error) { try Recipe(settings: Recipe.v2.settings + [("units", "128")]) }
    #expect(
      error.description
        == "setting 'units' is given twice, the second time with value '128'; give it once")
  }

  @Test func moreSlicesThanSamplesAreRefused() throws {
    var recipe = Recipe.v1
    recipe.batchSize = 4
    let error = SettingsError.slicesExceedBatch(slices: 8, batchSize: 4)
    #expect(throws: error) { try recipe.validate() }
    #expect(throws: error) { try Recipe(settings: recipe.settings) }
    #expect(error.description.contains("use 4 slices or fewer"))
    recipe.slices = 4
    try recipe.validate()
  }

  @Test func validationFindsValuesThatTheTypesAllow() {
    var recipe = Recipe.v1
    recipe.clip = .norm(.nan)
    #expect(throws: SettingsError.self) { try recipe.validate() }
    recipe = .v1
    recipe.units = -3
    #expect(throws: SettingsError.self) { try recipe.validate() }
  }

  @Test(arguments: ["epochs:1", "steps:999", "epochs:18446744073709551615"])
  func lengthTextReadsBack(text: String) {
    #expect(TrainingLength(text)?.description == text)
  }

  @Test(arguments: ["", "epochs", "epochs:", "epochs:1.5", "steps:1:2", "days:3", "steps: 3"])
  func otherLengthTextIsRefused(text: String) {
    #expect(TrainingLength(text) == nil)
  }
}
