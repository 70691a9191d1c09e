import Bytes
import Coordination
import Learning
import Testing
import Wire

@Suite struct TrainingSettingsTests {
  @Test(arguments: Recipe.presets, Mode.allCases)
  func settingsReadBackAsTheyWereWritten(recipe: Recipe, mode: Mode) throws {
    for seed in [UInt64(0), 10, .max] {
      let settings = TrainingSettings(recipe: recipe, mode: mode, seed: seed)
      #expect(try TrainingSettings(settings.pairs) == settings)
    }
  }

  @Test func changedSettingsReadBackInAnyOrder() throws {
    let settings = TrainingSettings.tiny(.async, steps: 12) { recipe in
      recipe.clip = .norm(0.1)
      recipe.learningRate = 1e-7
    }
    #expect(try TrainingSettings(settings.pairs.reversed()) == settings)
  }

  @Test func everySettingIsNamedOnce() {
    let keys = TrainingSettings.tiny().pairs.map(\.key)
    #expect(Set(keys).count == keys.count)
    #expect(keys == Recipe.definitions.map(\.key) + ["mode", "seed"])
  }

  private func error(of pairs: [Setting]) -> SettingsError? {
    do {
      _ = try TrainingSettings(pairs)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    arguments: Recipe.definitions.filter { !$0.mayBeMissing }.map(\.key) + ["mode", "seed"])
  func aMissingSettingIsNamed(key: String) {
    let found = error(of: TrainingSettings.tiny().pairs.filter { $0.key != key })
    #expect(found?.description.contains("'\(key)' is missing") == true)
  }

  @Test(arguments: TrainingSettings.tiny().pairs.map(\.key))
  func aMalformedSettingIsNamedWithItsValue(key: String) {
    let found = error(
      of: TrainingSettings.tiny().pairs.map {
        $0.key == key ? Setting(key: key, value: "so-so") : $0
      })
    #expect(found?.description.contains("'\(key)' cannot be 'so-so'") == true)
  }

  @Test func stalenessIsWrittenInTheModesThatHaveIt() throws {
    for mode in Mode.allCases {
      var settings = TrainingSettings.tiny(mode)
      if mode == .bounded { settings.stalenessBound = 3 }
      if mode != .sync { settings.maximumStaleness = 5 }
      let added = settings.pairs.dropFirst(Recipe.definitions.count + 2).map { "\($0)" }
      #expect(added.count == [.sync: 0, .async: 1, .bounded: 2][mode], "\(added)")
      #expect(try TrainingSettings(settings.pairs) == settings)
      #expect(try TrainingSettings(settings.pairs.reversed()) == settings)
    }
  }

  @Test func stalenessIsRefusedInOtherModes() {
    let staleness = Setting(key: "staleness", value: "2")
    let found = error(of: TrainingSettings.tiny(.async).pairs + [staleness])
    #expect(
      found?.description
        == "setting 'staleness' (value '2') applies to mode bounded only; leave it out")
    let bounded = TrainingSettings.tiny(.bounded).pairs.filter { $0.key != "staleness" }
    #expect(error(of: bounded)?.description.contains("'staleness' is missing") == true)
  }

  @Test(arguments: TrainingSettings.tiny().pairs.map(\.key))
  func aSettingGivenTwiceIsAnError(key: String) {
    let pairs = TrainingSettings.tiny().pairs
    #expect(error(of: pairs + pairs.filter { $0.key == key }) != nil)
  }

  @Test func anUnknownSettingIsAnErrorThatNamesIt() {
    let found = error(of: TrainingSettings.tiny().pairs + [Setting(key: "colour", value: "red")])
    let known = TrainingSettings.definitions.map(\.key)
    #expect(found == .unknownKey(key: "colour", value: "red", known: known))
    #expect(found?.description.contains("colour") == true)
  }

  @Test func anErrorIsOneLine() {
    let errors: [SettingsError] = [
      .missingKey(key: "mode", allowed: "sync"), .badValue(key: "seed", value: "x", allowed: "1"),
      .inapplicable(key: "staleness", value: "1", circumstances: "mode bounded"),
    ]
    #expect(errors.allSatisfy { !$0.description.contains("\n") && !$0.description.isEmpty })
  }

  @Test func aFingerprintDiffersWhereASettingDiffers() {
    let settings = TrainingSettings.tiny()
    var others = [settings, TrainingSettings.tiny(.async), TrainingSettings.tiny(steps: 7)]
    others.append(TrainingSettings(recipe: settings.recipe, mode: .sync, seed: 8))
    others.append(TrainingSettings.tiny { $0.clip = .value(1) })
    #expect(Set(others.map(\.fingerprint)).count == others.count)
    #expect(TrainingSettings.tiny().fingerprint == settings.fingerprint)
  }

  /// FNV-1a 64 over the lines below, each with its line end, computed in Python.
  @Test func theFingerprintIsFNV1aOverTheLinesOfTheSettings() {
    let settings = TrainingSettings.tiny()
    #expect(settings.pairs.map { "\($0.key)=\($0.value)" }.joined(separator: "\n") == Self.tiny)
    #expect(settings.fingerprint == 0x2b4d_80be_c170_7551)
  }

  private static let tiny = """
    recipe=tutorial
    units=3
    layers=1
    scan=rows
    normalization=none
    kernel-initializer=glorot-uniform
    dense-initializer=normal
    bias-initializer=normal
    batch-size=10
    slices=4
    length=steps:6
    learning-rate=0.02
    schedule=constant
    warm-up=0
    clip=none
    augmentation=none
    evaluate-every=0
    precision=f32
    mode=sync
    seed=7
    """
}
