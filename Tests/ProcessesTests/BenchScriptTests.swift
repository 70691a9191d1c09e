import Foundation
import TestSupport
import Testing

private let scripts = Repository.path("scripts/measure")

/// Tests of the script that compares this program with peers: how it reports figures, and peers
/// that are missing or fail. It measures nothing here.
@Suite(.enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct BenchScriptTests {
  /// Runs lines of Python with the script as `bench`, and with `contest`, which measures 300 and
  /// then 500 for this program and whose peers are Python programs of one line.
  private func with(_ lines: String...) throws -> [String] {
    let start = """
      import importlib.machinery, importlib.util, sys
      sys.path.insert(0, "\(scripts)")
      loader = importlib.machinery.SourceFileLoader("bench", "\(scripts)/bench")
      bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", loader))
      loader.exec_module(bench)
      import contests
      class Peer(contests.Peer):
          def call(self, python):
              return contests.last_line([python, "-c", self.script])
      figures = iter([300, 500])
      def contest(*peers):
          return contests.Contest("c", "Title", lambda: {"sync": next(figures)}, list(peers))
      """
    let program = ([start] + lines).joined(separator: "\n")
    let end = try Command.python(["-c", program]).run()
    try #require(end.status == 0, "\(end.errors)")
    return end.lines
  }

  private let steady = #"Peer("P", "print('x'); print('{\"samples_per_second\": 100}')", needs=())"#

  @Test func aRatioIsTheMedianOfTheRunsRatios() throws {
    let lines = try with(
      "results = bench.Results(contest(\(steady)), {})",
      "for number in (1, 2): results.run(sys.executable, number)", "print(results.table())")
    #expect(lines[0] == "### Title")
    #expect(lines.contains("| tributary, sync | 400 (300 to 500) | 1.00 |"))
    #expect(lines.contains("| P | 100 (100 to 100) | 4.00 |"))
  }

  @Test func aPeerWhosePackageIsMissingIsShownAsSkipped() throws {
    let lines = try with(
      #"peer = Peer("Q", "raise SystemExit(1)", needs=("numpy", "zmq"))"#,
      #"results = bench.Results(contest(peer), {"numpy": "2.0"})"#,
      "results.run(sys.executable, 1)", "print(results.table())")
    #expect(lines.contains("| Q | skipped: zmq not installed |  |"))
  }

  @Test func aPeerThatFailsIsShownWithItsLastLine() throws {
    let lines = try with(
      #"peer = Peer("Q", "raise SystemExit('no room')", needs=())"#,
      "results = bench.Results(contest(peer, \(steady)), {})",
      "results.run(sys.executable, 1)", "print(results.table())")
    #expect(lines.contains("| Q | failed: code 1: no room |  |"))
    #expect(lines.contains("| P | 100 (100 to 100) | 3.00 |"), "other peers are still measured")
  }

  @Test func aPeerWithoutAFigureIsShownAsFailed() throws {
    let lines = try with(
      #"peer = Peer("Q", "print('{}')", needs=())"#,
      #"results = bench.Results(contest(peer), {})"#, "results.run(sys.executable, 1)",
      "print(results.table())")
    let words = "| Q | failed: "
    #expect(lines.contains { $0.hasPrefix(words) }, "\(lines)")
  }

  @Test func figuresMeasuredSoFarAreInTheFolder() throws {
    let lines = try with(
      "import json, pathlib, tempfile",
      "results = bench.Results(contest(\(steady)), {})", "results.run(sys.executable, 1)",
      "folder = pathlib.Path(tempfile.mkdtemp())",
      "text = bench.write(folder, [results], [], 1, {'numpy': '2.0'})",
      "print((folder / 'table.md').read_text() == text)",
      "print(json.loads((folder / 'figures.json').read_text())['figures']['c']['values'])")
    #expect(lines[0] == "True")
    #expect(lines[1] == "{'tributary, sync': {'1': 300}, 'P': {'1': 100}}")
  }

  @Test func everyContestHasAUniqueNameAndPeersThatExist() throws {
    let lines = try with(
      "for c in contests.CONTESTS:",
      "    print(c.key, len(c.peers), all((contests.PEERS / p.script).exists() for p in c.peers))")
    #expect(lines.count >= 8 && lines.allSatisfy { $0.hasSuffix("True") }, "\(lines)")
    #expect(Set(lines.map { $0.split(separator: " ")[0] }).count == lines.count)
  }

  @Test func costGrowsWithTheSequenceAndTheSquareOfTheUnits() throws {
    let lines = try with(
      "import scale", #"print(scale.operations(1, 128, "rows"))"#,
      #"print(scale.operations(1, 1024, "rows") / scale.operations(1, 512, "rows"))"#,
      #"print(scale.operations(1, 128, "pixels") / scale.operations(1, 128, "rows"))"#)
    #expect(lines[0] == "12484608")
    let growth = try lines.dropFirst().map { try #require(Double($0)) }
    #expect((3.8...4.0).contains(growth[0]) && (24...28).contains(growth[1]), "\(growth)")
  }

  @Test func everyRowOfTheGrowthHasAllColumns() throws {
    let lines = try with(
      "import scale",
      "size = dict(layers=1, units=2, scan='rows', operations=3, rates=[], megabytes=[],",
      "            peer_rates=[])",
      "print(scale.table([size, dict(size, rates=[5], megabytes=[6], peer_rates=[2])]))")
    let rows = lines.filter { $0.hasPrefix("|") }
    #expect(rows.count == 4 && Set(rows.map { $0.filter { $0 == "|" }.count }).count == 1)
    #expect(rows.last?.hasSuffix("| 2 | 2.50 |") == true, "\(rows)")
  }

  @Test(arguments: [
    (["--only", "batch-100,cake"], "'cake'"), (["--runs", "0"], "--runs cannot be 0"),
  ])
  func aWrongOptionIsReportedBeforeAnythingIsBuilt(arguments: [String], words: String) throws {
    let end = try Command.python([scripts + "/bench"] + arguments).run()
    #expect(end.status != 0 && end.output.isEmpty)
    #expect(end.errors.contains(words), "\(end.errors)")
  }
}

/// Short runs of the peers on random images.
@Suite(
  .serialized, .limit(minutes: 10),
  .enabled(
    if: ProcessInfo.processInfo.environment["TRIBUTARY_PEERS_PYTHON"] != nil,
    "set TRIBUTARY_PEERS_PYTHON to the Python that scripts/measure/peers/setup made"))
struct PeerTests {
  @Test(arguments: [
    ("pytorch_single.py", ["--threads", "1"]), ("pytorch_single.py", ["--precision", "bf16"]),
    ("pytorch_single.py", ["--steps", "4", "--evaluate-every", "2"]),
    ("pytorch_single.py", ["--layers", "2"]), ("pytorch_ddp.py", []), ("pytorch_rpc.py", []),
    ("pyzmq_server.py", []), ("tensorflow_v1.py", ["--steps", "4", "--evaluate-every", "2"]),
  ])
  func aPeerTrains(script: String, options: [String]) throws {
    let figures = try call(script, options + ["--units", "8", "--batch", "20"])
    #expect(try #require(figures["samples_per_second"] as? Double) > 0)
    #expect(try #require(figures["loss"] as? Double) > 0)
  }

  @Test(arguments: ["none", "torch", "numpy", "fastest"])
  func messagesMakeRoundTrips(adam: String) throws {
    let figures = try call(
      "pyzmq_roundtrips.py", ["--workers", "2", "--elements", "1000", "--adam", adam])
    let rate = try #require(figures["round_trips_per_second"] as? Double)
    let bytes = try #require(figures["megabytes_per_second"] as? Double) * 1e6
    #expect(rate > 0 && abs(bytes / (rate * 8000) - 1) < 1e-6)
  }

  private func call(_ script: String, _ options: [String]) throws -> [String: Any] {
    let interpreter = try #require(
      ProcessInfo.processInfo.environment["TRIBUTARY_PEERS_PYTHON"])
    let end = try Command.python(
      ["\(scripts)/peers/\(script)", "--seconds", "0.2", "--data", "nowhere"] + options,
      interpreter: interpreter
    ).run()
    try #require(end.status == 0, "\(end.errors)")
    return try JSON.object(try #require(end.lines.last))
  }
}
