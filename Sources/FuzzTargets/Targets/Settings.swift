import Coordination
import Learning
import Numerics
import Wire

extension FuzzTarget {
  /// Settings as texts, valid or with wrong keys and values: settings that are read have texts from
  /// which the same settings are read, and describe a model and a plan.
  static let settings = FuzzTarget("settings", "settings as texts") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    var recipe = source.pick(Recipe.presets)
    if source.byte() & 1 == 1 { recipe.warmUp = source.oddInteger() }
    let initial = TrainingSettings(recipe: recipe, mode: source.pick(Mode.allCases), seed: 1)
    var pairs = initial.pairs
    for _ in 0..<source.below(4) { change(&pairs, &source) }
    guard let settings = try? TrainingSettings(pairs) else { return }
    guard let again = try? TrainingSettings(settings.pairs) else {
      throw Finding("the texts of valid settings are rejected: \(settings.pairs)")
    }
    try require(
      again == settings && again.fingerprint == settings.fingerprint,
      "settings change on their way: \(settings.pairs)")
    try use(settings)
  }

  private static func change(_ pairs: inout [Setting], _ source: inout ByteSource) {
    let place = source.below(max(pairs.count, 1))
    guard !pairs.isEmpty else { return }
    switch source.below(8) {
    case 0: pairs.remove(at: place)
    case 1: pairs.append(pairs[place])
    case 2: pairs[place] = Setting(key: OddText.text(&source), value: pairs[place].value)
    case 3:
      let key = source.pick(TrainingSettings.definitions.map(\.key))
      pairs.append(Setting(key: key, value: OddText.text(&source)))
    default: pairs[place] = Setting(key: pairs[place].key, value: OddText.text(&source))
    }
  }

  /// Computes what a server and a worker derive from settings before the first step.
  private static func use(_ settings: TrainingSettings) throws(Finding) {
    let recipe = settings.recipe
    for count in [1, 60_000, 1 << 32] {
      let plan = BatchPlan(recipe: recipe, sampleCount: count)
      try require(plan.steps > 0, "a plan has no steps")
      let last = plan.steps - 1
      try require(
        plan.positions(batch: last).upperBound == plan.positionCount, "positions are left out")
      let rate = recipe.learningRate(step: last, of: plan.steps)
      try require(rate.isFinite && rate >= 0, "the learning rate is \(rate)")
    }
    let shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
    try require(shape.layout.count > 0, "a model has no weights")
  }
}
