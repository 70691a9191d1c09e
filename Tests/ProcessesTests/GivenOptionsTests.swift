import Foundation
import TestSupport
import Testing

@testable import tributary

/// Options from the environment and from a file of settings.
@Suite struct GivenOptionsTests {
  private func adding(_ environment: [String: String], to arguments: String) throws -> [String] {
    try GivenOptions.adding(to: words(arguments), environment: environment)
  }

  @Test func everyDisplayedOptionHasAVariable() throws {
    for command in ["train", "server", "worker", "evaluate", "watch", "simulate"] {
      let items = CommandOptions(of: [command]).items
      #expect(items.count >= 3)
      for item in items where !item.isFlag && item.name != "config" {
        let variable =
          "TRIBUTARY_" + item.name.uppercased().replacingOccurrences(of: "-", with: "_")
        #expect(try adding([variable: "7"], to: command) == [command, "--\(item.name)=7"])
      }
    }
    #expect(CommandOptions(of: ["keys", "invite"]).items.map(\.name).contains("role"))
    #expect(!CommandOptions(of: ["worker"]).items.map(\.name).contains("crash-at"))
  }

  @Test func theCommandLineHasPrecedence() throws {
    let variables = ["TRIBUTARY_SEED": "5", "TRIBUTARY_STEPS": "9", "TRIBUTARY_RUN": "there"]
    #expect(
      try adding(variables, to: "train --seed 4 --epochs 2 --resume here")
        == words("train --seed 4 --epochs 2 --resume here"))
    #expect(
      try adding(variables, to: "train --seed=4") == words("train --seed=4 --run=there --steps=9"))
    #expect(try adding(variables, to: "evaluate model") == words("evaluate model"))
  }

  @Test func anEmptyVariableIsNone() throws {
    #expect(try adding(["TRIBUTARY_SEED": "", "SEED": "5"], to: "train") == ["train"])
  }

  @Test func aFlagIsATruthValue() throws {
    for value in ["1", "true", "TRUE"] {
      #expect(
        try adding(["TRIBUTARY_INSECURE": value], to: "server") == ["server", "--insecure"])
    }
    for value in ["0", "false"] {
      #expect(try adding(["TRIBUTARY_INSECURE": value], to: "server") == ["server"])
    }
    #expect(throws: GivenOptions.Malformed.flag(source: "TRIBUTARY_INSECURE", value: "maybe")) {
      try adding(["TRIBUTARY_INSECURE": "maybe"], to: "server")
    }
  }

  @Test func optionsComeBeforeTheEndOfTheOptions() throws {
    #expect(
      try adding(["TRIBUTARY_SPLIT": "test"], to: "evaluate -- --odd")
        == words("evaluate --split=test -- --odd"))
  }

  @Test func aFileComesLast() throws {
    let folder = try TemporaryFolder()
    let content =
      #"{"seed": 3, "recipe": "v1", "length": "epochs:2", "insecure": true, "clip": "norm:1"}"#
    let path = try folder.write(content.utf8, "settings")
    #expect(
      try adding(["TRIBUTARY_SEED": "5"], to: "server --config \(path) --recipe v2")
        == words("server --config \(path) --recipe v2 --seed=5 --clip=norm:1")
        + words("--insecure --epochs=2"))
    #expect(
      try adding(["TRIBUTARY_CONFIG": path], to: "server").contains("--recipe=v1"))
  }

  @Test(arguments: [
    (#"{"sed": 3}"#, "sed in "), ("[1]", "is not a file of settings"), ("", "JSON object"),
    (#"{"insecure": "yes"}"#, "cannot be 'yes'"), (#"{"seed": {}}"#, "JSON object"),
    (#"{"workers": 3}"#, "workers in "),
  ])
  func aFileThatCannotBeUsedIsNamed(content: String, part: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(content.utf8, "settings")
    do {
      let words = try adding([:], to: "server --config \(path)")
      Issue.record("\(words)")
    } catch {
      #expect("\(error)".contains(part) && "\(error)".contains("settings"), "\(error)")
    }
  }

  @Test func theSettingsOfARunCanBePassedBack() async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 9")
    let first = try await run("train \(options) --run one", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let second = try await run("train --config one/settings.json --run two", in: folder)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try folder.read("one/model.safetensors") == folder.read("two/model.safetensors"))
    let printed = try await run("server --config one/settings.json --print-settings", in: folder)
    let recorded = try folder.json("one/settings.json") as? [String: String]
    let shown = try JSON.object(printed.output) as? [String: String]
    #expect(printed.status == 0 && shown?.isEmpty == false)
    #expect(shown == recorded?.filter { $0.key != "data" })
  }

  @Test func anUnreadableFileEndsTheCommand() async throws {
    let end = try await run("train --config nowhere.json", in: TemporaryFolder())
    #expect(end.status == 74 && end.errors.contains("nowhere.json"), "\(end.errors)")
  }
}
