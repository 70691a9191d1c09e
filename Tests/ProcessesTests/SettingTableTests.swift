import ArgumentParser
import Coordination
import Learning
import TestSupport
import Testing
import Wire

@testable import tributary

/// Every row of the table of settings is complete: texts, options, help, child processes, --resume.
@Suite struct SettingTableTests {
  private typealias Definition = SettingDefinition<TrainingSettings>

  /// Settings in whose circumstances every row exists.
  private static let settings: TrainingSettings = {
    var settings = TrainingSettings(recipe: .best, mode: .bounded, seed: 3)
    settings.stalenessBound = 2
    settings.maximumStaleness = 9
    return settings
  }()

  static let keys = TrainingSettings.definitions.map(\.key)

  private static func row(_ key: String) throws -> Definition {
    try #require(TrainingSettings.definitions.first { $0.key == key })
  }

  /// The options of a row with the values of ``settings``, each as one argument.
  private static func arguments(of row: Definition) throws -> [(name: String, argument: String)] {
    let text = try #require(row.text(in: settings))
    return row.options.map { option in
      let value = text.hasPrefix(option.prefix) ? String(text.dropFirst(option.prefix.count)) : "1"
      return (option.name, "--\(option.name)=\(value)")
    }
  }

  @Test func theKeysAreUniqueAndThoseOfTheTexts() {
    #expect(Set(Self.keys).count == Self.keys.count)
    #expect(Self.settings.pairs.map(\.key) == Self.keys)
  }

  @Test(arguments: keys)
  func everyRowReadsItsText(key: String) throws {
    let row = try Self.row(key)
    let text = try #require(row.text(in: Self.settings))
    var other = Self.settings
    try row.set(text, in: &other)
    #expect(other == Self.settings)
    #expect(throws: SettingsError.badValue(key: key, value: "?", allowed: row.allowed)) {
      try row.set("?", in: &other)
    }
  }

  @Test(arguments: keys)
  func everyRowIsInTheHelp(key: String) throws {
    for help in [TrainCommand.helpMessage(columns: 100), ServerCommand.helpMessage(columns: 100)] {
      let text = help.split { $0.isWhitespace }.joined(separator: " ")
      for option in try Self.row(key).options {
        let line = "--\(option.name) <\(option.placeholder)> \(option.help)"
        #expect(text.contains(line), "\(line)")
        #expect(option.help.contains(option.allowed))
      }
    }
  }

  @Test(arguments: keys)
  func everyRowIsPassedToTheServer(key: String) throws {
    for (_, argument) in try Self.arguments(of: Self.row(key)) {
      let mode = key == "mode" ? [] : ["--mode=bounded"]
      let options = try TrainingOptions.parse(mode + [argument])
      #expect(options.settingArguments.contains(argument))
      #expect(options.settingArguments.count == mode.count + 1)
      let read = try TrainingOptions.parse(options.settingArguments)
      #expect(try read.settings() == options.settings())
    }
  }

  @Test(arguments: keys)
  func everyRowIsRefusedForAResumedRun(key: String) throws {
    for (name, argument) in try Self.arguments(of: Self.row(key)) {
      let options = try TrainingOptions.parse(["--resume", "run", argument])
      guard key != SettingOptions.lengthKey else {
        try options.refuseSettings()  // a run may become longer
        #expect(options.serverArguments.contains(argument))
        continue
      }
      let error = #expect(throws: ValidationError.self) { try options.refuseSettings() }
      #expect(error?.message.hasPrefix("--\(name) cannot be given with --resume; ") == true)
    }
  }

  @Test(arguments: keys)
  func everyRowNamesItsOptionForABadValue(key: String) throws {
    for option in try Self.row(key).options where key != "recipe" {
      let options = try TrainingOptions.parse(["--\(option.name)=?"])
      let error = #expect(throws: ValidationError.self) { try options.settings() }
      #expect(error?.message == "--\(option.name) cannot be '?'; use \(option.allowed)")
    }
  }
}
