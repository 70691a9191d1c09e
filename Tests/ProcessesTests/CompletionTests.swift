import Coordination
import Foundation
import Learning
import TestSupport
import Testing

/// The completions of shells, asked for in a real bash.
@Suite(.enabled(if: Command("bash", ["--version"]).output() != nil, "install bash"))
struct CompletionTests {
  /// The script that the program prints for bash.
  private static let script = Result {
    let end = try Command(
      Program.executable.path, ["--generate-completion-script", "bash"]
    ).run()
    try #require(end.status == 0, "\(end.errors)")
    return end.output
  }

  /// Completes the last of several words as bash does, in a folder with a file and a folder.
  private func completions(_ words: [String]) throws -> Set<String> {
    let folder = try TemporaryFolder()
    try folder.write(Self.script.get().utf8, "script")
    try folder.write([], "place/invitation")
    try folder.write([], "place/inner/file")
    let complete = """
      source ../script
      COMP_WORDS=(tributary "$@") COMP_CWORD=$# COMP_LINE="tributary $*"
      COMP_POINT=${#COMP_LINE}
      _tributary tributary "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    let end = try Command(
      "bash", ["--norc", "-c", complete, "bash"] + words, in: folder.file("place")
    ).run()
    try #require(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    return Set(end.lines)
  }

  @Test(arguments: [
    ("train --mode ", ["sync", "async", "bounded"]), ("server --mode b", ["bounded"]),
    ("train --recipe t", ["tutorial"]), ("worker --recipe be", ["best"]),
    ("server --kernels ", ["avx512", "avx2", "plain"]), ("train --precision ", ["f32", "bf16"]),
    ("evaluate --split v", ["validation"]), ("digits --split ", ["train", "validation", "test"]),
    ("server --final-evaluation ", ["all", "test", "none"]),
    ("keys invite --role o", ["observer"]), ("simulate --mode a", ["async"]),
    ("bench kernels --kernels p", ["plain"]), ("bench server --transport i", ["ipc"]),
    ("train --audit-", ["--audit-replay"]), ("wor", ["worker"]),
  ])
  func namesAreCompleted(line: String, names: [String]) throws {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    #expect(try completions(words) == Set(names))
  }

  @Test func everySettingThatHasNamesCompletesThem() throws {
    let options = TrainingSettings.definitions.flatMap(\.options).filter { !$0.names.isEmpty }
    #expect(options.count >= 8)
    for option in options {
      #expect(
        try completions(["server", "--\(option.name)", ""]) == Set(option.names), "\(option.name)")
      for name in option.names { #expect(option.allowed.contains(name)) }
    }
  }

  @Test(arguments: [
    "worker --join in", "worker --connect in", "watch --join in", "server --config in",
    "train --config in", "evaluate in",
  ])
  func filesAndFoldersAreCompletedWhereAnOptionTakesAFile(line: String) throws {
    #expect(try completions(words(line)) == ["invitation", "inner"])
  }

  @Test(arguments: [
    "train --run in", "server --resume in", "worker --data in", "keys list --run in",
  ])
  func foldersAreCompletedWhereAnOptionTakesAFolder(line: String) throws {
    #expect(try completions(words(line)) == ["inner"])
  }

  @Test func aNumberHasNoCompletions() throws {
    #expect(try completions(words("train --seed in")).isEmpty)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func theShellAcceptsItsScript(shell: String) throws {
    let end = try Command(
      Program.executable.path, ["--generate-completion-script", shell]
    ).run()
    #expect(end.status == 0 && end.output.contains("kernel-initializer"))
    guard Command(shell, ["--version"]).output() != nil else { return }
    let folder = try TemporaryFolder()
    let path = try folder.write(end.output.utf8, "script")
    let check = try Command(shell, ["-n", path]).run()
    #expect(check.status == 0 && check.errors.isEmpty, "\(check.errors)")
  }
}
