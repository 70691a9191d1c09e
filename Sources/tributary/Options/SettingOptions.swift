import ArgumentParser
import Coordination
import Learning

/// The options that set the settings of a training, one or more for each row of the table
/// ``TrainingSettings/definitions``.
///
/// ArgumentParser finds options by reflection: it looks for property wrappers among the children of
/// a value's mirror, and decodes them by their names. Here the mirror and the decoded values are
/// made from the table instead of from properties.
struct SettingOptions: ParsableArguments, CustomReflectable {
  /// An option that was given on the command line.
  struct Given {
    let definition: SettingDefinition<TrainingSettings>
    let option: SettingOption
    let text: String
  }

  /// The options that were given, in the order of the table.
  private(set) var given: [Given] = []

  /// Creates options of which none is given.
  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for definition in TrainingSettings.definitions {
      for option in definition.options {
        let value = try container.decode(Option<String?>.self, forKey: Key(option.name))
        guard let text = value.wrappedValue else { continue }
        given.append(Given(definition: definition, option: option, text: text))
      }
    }
  }

  var customMirror: Mirror {
    let options = TrainingSettings.definitions.flatMap(\.options)
    return Mirror(
      self, children: options.map { (label: "_" + $0.name, value: Self.declaration(of: $0)) })
  }

  private static func declaration(of option: SettingOption) -> Option<String?> {
    Option(
      name: .customLong(option.name),
      help: ArgumentHelp(stringLiteral: option.help).named(option.placeholder),
      completion: option.names.isEmpty ? nil : .list(option.names))
  }

  /// The options as arguments again. A value is in one word with its name, because it may begin
  /// with a hyphen.
  var arguments: [String] { given.map { "--\($0.option.name)=\($0.text)" } }

  /// Returns the settings that the options describe.
  ///
  /// - Throws: `ValidationError` or `SettingsError`, naming the option, the value and the remedy.
  func settings() throws -> TrainingSettings {
    try checkThatEachIsGivenOnce()
    var settings = TrainingSettings.standard
    if let name = text(of: "recipe") { settings.recipe = try Recipe.preset(named: name) }
    for given in given { try given.apply(to: &settings) }
    for given in given { try given.checkCondition(in: settings) }
    // A large gradient that is also stale does lasting damage; see the modes' article.
    if settings.mode != .sync, text(of: "clip") == nil, settings.recipe.clip == .none {
      settings.recipe.clip = .norm(1)
    }
    if text(of: "slices") == nil {
      settings.recipe.slices = min(settings.recipe.slices, settings.recipe.batchSize)
    }
    try settings.recipe.validate()
    return settings
  }

  /// The length that is given, if any.
  ///
  /// - Throws: `ValidationError`, naming the option, the value and the remedy.
  func length() throws -> TrainingLength? {
    try checkThatEachIsGivenOnce()
    guard let given = given.first(where: { $0.definition.key == Self.lengthKey }) else {
      return nil
    }
    var settings = TrainingSettings.standard
    try given.apply(to: &settings)
    return settings.recipe.length
  }

  /// The options that a resumed run may have: those of its length, as arguments.
  var lengthArguments: [String] {
    given.filter { $0.definition.key == Self.lengthKey }
      .map { "--\($0.option.name)=\($0.text)" }
  }

  /// The key of the length of the training.
  static let lengthKey = "length"

  private func text(of key: String) -> String? { given.first { $0.definition.key == key }?.text }

  private func checkThatEachIsGivenOnce() throws {
    for (first, second) in zip(given, given.dropFirst())
    where first.definition.key == second.definition.key {
      throw ValidationError("give --\(first.option.name) or --\(second.option.name), not both")
    }
  }

  /// The key of an option in the parser's container.
  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }
}

extension SettingOptions.Given {
  fileprivate func apply(to settings: inout TrainingSettings) throws {
    do {
      try definition.set(option.prefix + text, in: &settings)
    } catch {
      throw ValidationError("--\(option.name) cannot be '\(text)'; use \(option.allowed)")
    }
  }

  fileprivate func checkCondition(in settings: TrainingSettings) throws {
    guard let condition = definition.condition, !condition.isMet(settings) else { return }
    throw ValidationError(
      "--\(option.name) applies to --\(condition.words) only; "
        + "leave it out with --mode \(settings.mode.rawValue)")
  }
}

extension ArgumentHelp {
  fileprivate func named(_ placeholder: String) -> ArgumentHelp {
    var help = self
    help.valueName = placeholder
    return help
  }
}
