import ArgumentParser
import Coordination
import Testing

@testable import tributary

/// The launcher passes its options to its server.
@Suite struct TrainingArgumentsTests {
  private static let all = words(
    "--recipe v3 --mode bounded --staleness 3 --max-staleness 9 --batch-size 20"
      + " --slices 4 --steps 7 --units 9 --layers 2 --scan columns --precision bf16"
      + " --learning-rate 0.5 --schedule cosine --warm-up 3 --clip value:2"
      + " --augmentation affine:1,0.1 --normalization frozen --kernel-initializer normal"
      + " --dense-initializer zeros --bias-initializer ones --evaluate-every 5 --seed 3 --run R"
      + " --listen ipc://here --insecure --json --verbose --data=-odd --kernels plain"
      + " --checkpoint-every 5m --worker-timeout 7.5 --min-workers 2 --max-workers 33"
      + " --wait-for-workers 1.25 --final-evaluation none --start-with 3"
      + " --worker-patience 45 --max-connections 77 --max-pending 7 --handshake-time 2.5"
      + " --max-connection-rate 55 --max-message-rate 99 --health *:0"
      + " --advertise a,b:1 --miscompute plain:adam")
  private static let audited = words("--mode sync --audit 0.25 --audit-replay")

  private func arguments(of options: TrainingOptions) -> [String] {
    options.settingArguments + options.serverArguments
  }

  /// The options of the table of settings are tested in `SettingTableTests`.
  @Test func everyOtherOptionIsPassedToTheServer() throws {
    let options = try TrainingOptions.parse(Self.all + words("--audit 0.25 --audit-replay"))
    let passed = Set(options.serverArguments.map { String($0.split(separator: "=")[0]) })
    let labels =
      Mirror(reflecting: options).children.compactMap(\.label)
      + Mirror(reflecting: options.data).children.compactMap(\.label)
      + Mirror(reflecting: options.policy).children.compactMap(\.label)
      + Mirror(reflecting: options.connections).children.compactMap(\.label)
    let names = Set(labels.map { "--" + $0.dropFirst().kebab })
      .subtracting(["--policy", "--given", "--connections"])
    #expect(
      names.subtracting(passed) == [
        "--run", "--resume", "--continues", "--initial-model", "--listen", "--config",
        "--print-settings",
      ])
    #expect(passed.isSubset(of: names))
  }

  @Test func theServerReadsTheSameSettings() throws {
    let options = try TrainingOptions.parse(Self.all)
    let read = try TrainingOptions.parse(arguments(of: options))
    #expect(try read.settings() == options.settings())
    #expect(arguments(of: read) == arguments(of: options))
    #expect(try read.policy.policy() == options.policy.policy())
    #expect(try read.connections.limits() == options.connections.limits())
    #expect(try read.connections.limits().messagesPerSecond == 99)
    #expect(read.data.data == "-odd")
    #expect(read.json && read.verbose && read.insecure)
  }

  @Test func theServerReadsTheSameAudit() throws {
    let options = try TrainingOptions.parse(Self.audited)
    let read = try TrainingOptions.parse(arguments(of: options))
    let policy = try read.policy.policy()
    #expect(try policy == options.policy.policy())
    #expect(policy.auditShare == 0.25 && policy.replaysAudit)
  }

  @Test func epochsArePassedToTheServer() throws {
    let options = try TrainingOptions.parse(["--epochs", "3"])
    #expect(options.settingArguments.contains("--epochs=3"))
  }

  @Test func optionsNotGivenAreNotPassed() throws {
    let options = try TrainingOptions.parse([])
    #expect(options.settingArguments.isEmpty)
    #expect(options.serverArguments.allSatisfy { !$0.hasPrefix("--data") && $0.contains("=") })
  }
}

extension Substring {
  /// The name of an option for the name of a property.
  fileprivate var kebab: String {
    map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }
}
