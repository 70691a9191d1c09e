import Foundation
import TestSupport
import Testing

/// A command line that is refused: the arguments, and the words that its error line contains.
struct WrongCall: CustomTestStringConvertible, Sendable {
  let line: String
  let naming: [String]

  init(_ line: String, _ naming: String...) {
    self.line = line
    self.naming = naming
  }

  var testDescription: String { line }

  /// Runs the program and checks that it exits with `status`, prints one line with the words on
  /// standard error, and prints nothing on standard output.
  func check(
    status: Int32, in folder: TemporaryFolder,
    at location: SourceLocation = #_sourceLocation
  ) async throws {
    let end = try await run(line, in: folder)
    #expect(end.status == status, "\(line): \(end.errors)", sourceLocation: location)
    #expect(end.output == "", sourceLocation: location)
    #expect(end.errorLines.count == 1, "\(line): \(end.errors)", sourceLocation: location)
    #expect(end.errors.hasPrefix("tributary: "), "\(end.errors)", sourceLocation: location)
    for name in naming {
      #expect(end.errors.contains(name), "\(line): \(end.errors)", sourceLocation: location)
    }
  }
}

@Suite(.serialized, .limit(minutes: 2))
struct WrongFlagTests {
  static let trainingOptions: [WrongCall] = [
    WrongCall("--mode turbo", "--mode", "'turbo'", "sync, async or bounded"),
    WrongCall("--staleness 2", "--staleness", "--mode bounded"),
    WrongCall("--mode async --staleness 2", "--staleness", "--mode bounded"),
    WrongCall("--mode bounded --staleness x", "--staleness", "'x'", "0 to 1000000"),
    WrongCall("--max-staleness 2", "--max-staleness", "async and bounded"),
    WrongCall("--mode async --max-staleness=-1", "--max-staleness", "'-1'", "0 to 1000000"),
    WrongCall("--final-evaluation some", "--final-evaluation", "'some'", "all, test or none"),
    WrongCall("--mode async --max-staleness -1", "--max-staleness cannot be '-1'"),
    WrongCall("--audit 1.5", "--audit", "1.5", "0 to 1"),
    WrongCall("--audit=-0.1", "--audit", "-0.1", "0 to 1"),
    WrongCall("--audit nan", "--audit", "nan", "0 to 1"),
    WrongCall("--audit 0.1 --mode async", "--audit", "0.1", "async", "--mode sync"),
    WrongCall("--audit-replay", "--audit-replay", "add --audit"),
    WrongCall("--checkpoint-every 0", "--checkpoint-every", "'0'", "or never"),
    WrongCall("--checkpoint-every 5x", "--checkpoint-every", "'5x'", "or never"),
    WrongCall("--checkpoint-every 0s", "--checkpoint-every", "'0s'", "0.1s to 24h"),
    WrongCall("--checkpoint-every nanm", "--checkpoint-every", "'nanm'", "0.1s to 24h"),
    WrongCall("--worker-timeout 0.5", "--worker-timeout", "0.5", "1 to 86400"),
    WrongCall("--worker-timeout nan", "--worker-timeout", "nan", "1 to 86400"),
    WrongCall("--worker-timeout soon", "--worker-timeout", "'soon'", "--help"),
    WrongCall("--wait-for-workers 0", "--wait-for-workers", "0", "1 to 86400"),
    WrongCall("--min-workers 0", "--min-workers", "0", "1 to 16384"),
    WrongCall("--start-with 0", "--start-with", "0", "1 to 16384"),
    WrongCall("--start-with 3 --max-workers 2", "--start-with", "3", "--max-workers 2"),
    WrongCall("--worker-patience 0.5", "--worker-patience", "0.5", "1 to 86400"),
    WrongCall("--max-workers 16385", "--max-workers", "16385", "1 to 16384"),
    WrongCall("--min-workers 3 --max-workers 2", "--min-workers", "3", "--max-workers 2"),
    WrongCall("--recipe cake", "recipe", "'cake'", "v3-as-run"),
    WrongCall("--batch-size 0", "--batch-size", "'0'", "1 to 65536"),
    WrongCall("--slices 0", "--slices", "'0'", "1 to 65536"),
    WrongCall("--batch-size 8 --slices 9", "slices", "'9'", "batch-size 8"),
    WrongCall("--epochs none", "--epochs", "'none'", "1 to"),
    WrongCall("--epochs 0", "--epochs", "'0'", "1 to"),
    WrongCall("--steps 0", "--steps", "'0'", "1 to"),
    WrongCall("--epochs 1 --steps 1", "--epochs", "--steps", "not both"),
    WrongCall("--units 0", "--units", "'0'", "1 to 8192"),
    WrongCall("--units many", "--units", "'many'", "1 to 8192"),
    WrongCall("--layers 0", "--layers", "'0'", "1 to 8"),
    WrongCall("--layers 9", "--layers", "'9'", "1 to 8"),
    WrongCall("--scan diagonal", "--scan", "'diagonal'", "rows"),
    WrongCall("--learning-rate 0", "--learning-rate", "'0'", "above 0"),
    WrongCall("--learning-rate nan", "--learning-rate", "'nan'", "above 0"),
    WrongCall("--clip hard", "--clip", "'hard'", "value:X"),
    WrongCall("--clip norm:-1", "--clip", "'norm:-1'", "norm:X"),
    WrongCall("--normalization layer", "--normalization", "'layer'", "frozen"),
    WrongCall("--kernel-initializer he", "--kernel-initializer", "'he'", "glorot-uniform"),
    WrongCall("--dense-initializer he", "--dense-initializer", "'he'", "variance-scaling"),
    WrongCall("--bias-initializer he", "--bias-initializer", "'he'", "zeros"),
    WrongCall("--evaluate-every often", "--evaluate-every", "'often'", "0 to 1000000000"),
    WrongCall("--seed x", "--seed cannot be 'x'", "0 to 18446744073709551615"),
    WrongCall("--seed=-1", "--seed cannot be '-1'", "0 to 18446744073709551615"),
    WrongCall("--seed -1", "--seed cannot be '-1'", "0 to 18446744073709551615"),
    WrongCall("--epochs -1", "--epochs cannot be '-1'", "1 to 1000000"),
    WrongCall("--units -5", "--units cannot be '-5'", "1 to 8192"),
    WrongCall("--learning-rate -.5", "--learning-rate cannot be '-.5'", "above 0"),
    WrongCall("--min-workers -1", "--min-workers cannot be -1", "1 to 16384"),
    WrongCall("--worker-timeout -2", "--worker-timeout cannot be -2;", "1 to 86400"),
    WrongCall("--json -1", "--json", "'-1'", "--help"),
    WrongCall("--seed", "--seed", "Missing value", "--help"),
    WrongCall("--kernels sse", "--kernels", "'sse'", "plain"),
    WrongCall("--data generated:7", "generated:7", "100 to"),
    WrongCall("--stops 7", "Unknown option '--stops'; did you mean '--steps'?"),
    WrongCall("--colour red", "'--colour'", "--help"),
    WrongCall("--steps", "--steps", "--help"),
    WrongCall("7", "'7'", "--help"),
  ]

  private func refuse(_ command: String, _ options: WrongCall) async throws {
    let folder = try TemporaryFolder()
    let call = WrongCall("\(command) \(options.line)", named: options.naming)
    try await call.check(status: options.line.hasPrefix("--data") ? 65 : 64, in: folder)
    #expect(!folder.exists("runs"), "no folder is left for a run that cannot start")
  }

  @Test(arguments: trainingOptions)
  func aServerRefusesWrongOptions(options: WrongCall) async throws {
    try await refuse("server", options)
  }

  /// The commands have these options in common; a few of them, since a process of `train` starts
  /// slowly in a debug build.
  @Test(arguments: stride(from: 0, to: trainingOptions.count, by: 9).map { trainingOptions[$0] })
  func trainRefusesTheWrongOptionsOfAServer(options: WrongCall) async throws {
    try await refuse("train", options)
  }

  @Test(arguments: [
    WrongCall("fly", "'fly' is not a command", "--help"),
    WrongCall("trian", "'trian' is not a command; did you mean 'train'?"),
    WrongCall("sim --schedules 1", "did you mean 'simulate'?"),
    WrongCall("bench kernls", "'kernls' is not a command; did you mean 'kernels'?"),
    WrongCall(
      "simulate --seed -1", "tributary: --seed cannot be '-1'", "0 to 18446744073709551615"),
    WrongCall("simulate --mode odd", "tributary: --mode cannot be 'odd'", "sync, async or bounded"),
    WrongCall("train --workers -1", "--workers cannot be -1", "1 to 256"),
    WrongCall("train --min-workers 3", "--min-workers", "3", "--workers 2", "use 2 or fewer"),
    WrongCall("train --start-with 3", "--start-with", "3", "--workers 2", "use 2 or fewer"),
    WrongCall("train --workers 0", "--workers", "0", "1 to 256"),
    WrongCall("train --workers 257", "--workers", "257", "1 to 256"),
    WrongCall("train --workers two", "--workers cannot be 'two'", "train --help"),
    WrongCall("train --restarts=-1", "--restarts", "-1", "0 to 1000"),
    WrongCall("train --restarts 1001", "--restarts", "1001", "0 to 1000"),
    WrongCall("train --chaos kil:server@5", "--chaos", "'kil:server@5'", "TARGET@STEP"),
    WrongCall("train --chaos kill:server@5,stop:worker:1@6", "'stop:worker:1@6'", "SECONDSs"),
    WrongCall("train --chaos kill:worker:3@5", "--chaos", "worker 3", "1 to 2", "--workers"),
    WrongCall("server --workers 2", "--workers", "--help"),
    WrongCall("server --chaos kill:server@5", "--chaos", "--help"),
    WrongCall("worker", "--connect", "--join"),
    WrongCall(
      "worker --connect tcp://127.0.0.1:1 --connect-timeout 0", "--connect-timeout", "86400"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --connect-timeout soon", "'soon'", "--help"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --slow-down 0", "--slow-down", "1 to 1000"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --slow-down nan", "--slow-down", "1 to 1000"),
    WrongCall("server --miscompute plain:sum", "'plain:sum'", "VARIANT:OPERATION"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --crash-at lunch", "'lunch'", "hello", "push"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --hang-at 0", "--hang-at", "1 or more"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --name=", "--name", "--help"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --kernels sse", "--kernels", "'sse'", "plain"),
    WrongCall("worker --connect tcp://127.0.0.1:1 --recipe cake", "recipe", "'cake'", "tutorial"),
    WrongCall("evaluate", "model.safetensors", "--help"),
    WrongCall("evaluate m.safetensors --split half", "--split", "'half'", "validation"),
    WrongCall("digits --split half", "--split", "'half'", "validation"),
    WrongCall("digits one", "'one'", "--help"),
    WrongCall("digits --data generated:100 20", "no image 20", "0 to 19"),
    WrongCall("digits --data generated:100 --split train 80", "no image 80", "0 to 79"),
    WrongCall("digits --data generated:100 -- -1", "no image -1", "0 to 19"),
    WrongCall("bench disks", "'disks'", "--help"),
    WrongCall("bench kernels --rounds 0", "--rounds", "0", "1 to 1000"),
    WrongCall("bench kernels --units 0", "--units", "0", "1 to 8192"),
    WrongCall("bench kernels --kernels sse", "--kernels", "'sse'", "plain"),
  ])
  func otherCommandsRefuse(call: WrongCall) async throws {
    try await call.check(status: 64, in: TemporaryFolder())
  }

  /// Swift replaces the bytes of such an argument: the run would be in another folder.
  @Test func anArgumentThatIsNotUTF8IsRefused() async throws {
    let folder = try TemporaryFolder()
    let program = try Program(
      ["-c", "exec \"$0\" train --steps 1 --run \"$(printf 'a\\377b')\"", Program.executable.path],
      in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
    let end = try await program.end()
    #expect(end.status == 64 && end.output.isEmpty)
    #expect(
      end.errors == "tributary: argument 5, the value of --run, is not valid UTF-8; "
        + "use UTF-8 for all arguments\n")
  }

  @Test func aNameThatIsTooLongIsRefused() async throws {
    let name = String(repeating: "n", count: 65)
    let call = WrongCall("worker --connect tcp://127.0.0.1:1 --name \(name)", "--name", "65 bytes")
    try await call.check(status: 64, in: TemporaryFolder())
  }
}

extension WrongCall {
  init(_ line: String, named: [String]) {
    self.line = line
    naming = named
  }
}
