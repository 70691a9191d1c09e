import Foundation
import TestSupport
import Testing
import Wire

/// The programs in scripts/robustness that attack a server, without one: their bytes, and what they
/// print.
@Suite(
  .serialized, .limit(minutes: 2),
  .enabled(if: Command.python(["--version"]).output() != nil, "install python3"))
struct AttackScriptTests {
  /// Runs lines of Python beside the modules of the attacks, and returns the lines printed.
  private func python(_ lines: String...) throws -> [String] {
    let start = [
      "import asyncio, sys", "sys.path.insert(0, '\(Attack.scripts)/attack')",
      "import keys, named, peers, wire, zmtp",
    ]
    let end = try Command.python(["-c", (start + lines).joined(separator: "\n")]).run()
    try #require(end.status == 0, "\(end.errors)")
    return end.lines
  }

  // MARK: Bytes

  @Test func theChecksumIsThatOfTheStandard() throws {
    #expect(try python("print(f'{wire.crc32c(b\"123456789\"):08x}')") == ["e3069283"])
  }

  @Test func aHelloHasTheBytesOfThisProgram() throws {
    let hello = Hello(name: "né", incarnation: 77, dataset: "some data")
    let bytes = NumberedMessage(.hello(hello), number: 1).encoded()[0]
    let lines = try python("print(wire.hello('né', 77, 'some data').hex())")
    #expect(lines.map { [UInt8](hex: $0) } == [bytes])
  }

  @Test func aFarewellHasTheBytesOfThisProgram() throws {
    let message = NumberedMessage(
      .farewell(Farewell(reason: "done")), number: 2, acknowledged: 1)
    let lines = try python("print(wire.message(wire.FAREWELL, 2, wire.text('done'), 1).hex())")
    #expect(lines.map { [UInt8](hex: $0) } == [message.encoded()[0]])
  }

  @Test func aRefusalIsRead() throws {
    let refusal = Message.refusal(Refusal(reason: .dataset, detail: "other data")).encoded()[0]
    let hex = refusal.map { String($0, radix: 16).leftPadded }.joined()
    let lines = try python(
      "frame = bytes.fromhex('\(hex)')", "print(wire.kind_and_number(frame), *wire.refusal(frame))",
      "print(wire.kind_and_number(b'TRIB'))")
    #expect(lines == ["(3, 0) 2 other data", "(0, 0)"])
  }

  @Test func aGreetingIsThatOfZeroMQ() throws {
    let lines = try python(
      "print(zmtp.greeting().hex())", "print(zmtp.mechanism(zmtp.greeting(b'CURVE')))")
    #expect([UInt8](hex: lines[0]).dropFirst(12) == HostileTests.greeting.dropFirst(12))
    #expect(lines[0].hasPrefix("ff00000000000000017f0301"))
    #expect(lines[1] == "b'CURVE'")
  }

  @Test func framesAreReadInPartsOfAnySize() throws {
    let lines = try python(
      "data = zmtp.message(b'a', bytes(300)) + zmtp.command(b'PING', b'xy') + zmtp.frame(b'')",
      "whole = zmtp.Frames().feed(data)", "frames = zmtp.Frames()",
      "parts = [f for i in range(len(data)) for f in frames.feed(data[i:i + 1])]",
      "print(whole == parts, [(flags, len(body)) for flags, body in whole])",
      "print(zmtp.parsed(whole[2][1]))")
    #expect(lines[0] == "True [(1, 1), (2, 300), (4, 7), (0, 0)]")
    #expect(lines[1] == "(b'PING', b'xy')")
  }

  @Test func anAnnouncedFrameHasItsSizeInNetworkOrder() throws {
    let lines = try python("print(zmtp.announced(1 << 31, zmtp.MORE).hex())")
    #expect(lines == ["030000000080000000"])
  }

  @Test func theIdentitiesAreThoseOfLibzmq() throws {
    let lines = try python("print(named.predicted(0).hex(), named.predicted(63).hex())")
    #expect(lines == ["006b8b4567 006b8b45a6"])
  }

  @Test func anInvitationIsRead() throws {
    let lines = try python(
      "import base64, json",
      "values = dict(name='n', role='worker', server='S', public='P', secret='?' * 40)",
      "content = values | dict(endpoints=['tcp://h:1', 'tcp://i:2'])",
      "text = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip('=')",
      "entry = keys.Entry('tcp://h:1', **values)",
      "print(keys.parsed('tributary-invitation-1.' + text + '\\n', 'f') == entry)",
      "print(keys.entry('tcp://h:1') == keys.Entry('tcp://h:1'))")
    #expect(lines == ["True", "True"])
  }

  @Test(arguments: ["", "tributary-invitation-1.", "tributary-invitation-1.e30", "{}", "tcp"])
  func aTextThatIsNoInvitationIsReported(text: String) throws {
    let lines = try python(
      "try:", "    keys.parsed('\(text)', 'the file')", "except SystemExit as error:",
      "    print(error)")
    #expect(lines.first?.hasPrefix("the file is not an invitation") == true, "\(lines)")
  }

  // MARK: Limits

  @Test func theRateOfBytesIsLimited() throws {
    let lines = try python(
      "import time", "async def run():", "    pace, began = peers.Pace(1e6), time.monotonic()",
      "    for _ in range(10): await pace.take(20_000)", "    return time.monotonic() - began",
      "print(asyncio.run(run()) > 0.1)")
    #expect(lines == ["True"])
  }

  @Test func reasonsAreLimited() throws {
    let lines = try python(
      "tally = peers.Tally()", "for n in range(100): tally.note(str(n))",
      "print(len(tally.reasons), tally.reasons['other'])")
    #expect(lines == ["21 80"])
  }

  // MARK: Programs

  @Test func everyAttackRunsAgainstAListenerThatDropsEverything() async throws {
    let folder = try TemporaryFolder()
    let sink = try Attack.python("attack/sink.py", ["0"], in: folder)
    defer { sink.send(SIGTERM) }
    let port = try await eventually("the port of the listener") {
      sink.output.hasSuffix("\n") ? sink.output.trimmingCharacters(in: .newlines) : nil
    }
    let options = "--seconds 0.5 --connections 4 --bytes 10000000"
    let end = try await Attack.start(
      "all", options, on: "tcp://127.0.0.1:\(port)", in: folder
    ).end()
    #expect(end.status == 0, "\(end.errors)")
    let counts = try end.output.split(separator: "\n").map { try JSON.object($0) }
    #expect(Set(counts.compactMap { $0["attack"] as? String }).count >= 12)
    for attack in counts {
      #expect(try #require(attack["connections"] as? Int) > 0, "\(attack)")
      #expect(try #require(attack["bytes_sent"] as? Int) <= 11_000_000, "\(attack)")
    }
    #expect(sink.isRunning)
  }

  @Test func anAttackThatIsStoppedPrintsItsCounts() async throws {
    let folder = try TemporaryFolder()
    let (listener, port) = try Loopback.listen()
    defer { close(listener) }
    let attack = try Attack.start(
      "half-open", "--connections 3", on: "tcp://127.0.0.1:\(port)", in: folder)
    let connections = (0..<3).compactMap { _ in Loopback.accept(listener) }
    attack.send(SIGTERM)
    let end = try await attack.end()
    #expect(end.status == 143, "\(end.errors)")
    #expect(try JSON.object(end.output)["connections"] as? Int == 3)
    for connection in connections { close(connection) }
  }

  @Test(arguments: ["attacks", "keyed-peers.py", "malicious-worker.py"])
  func aProgramAnswersHelp(script: String) throws {
    let path = "\(Attack.scripts)/\(script)"
    let end = try Command.python(["-S", path, "--help"]).run()  // -S: no packages
    #expect(end.status == 0 && end.output.contains("--measure"), "\(end.errors)")
  }

  @Test(arguments: [
    (["cake", "tcp://127.0.0.1:1"], "no attack 'cake'"), (["identity"], "must be an endpoint"),
    (["tcp://127.0.0.1:1"], "name an attack"), (["--measure", "cake"], "no attack 'cake'"),
  ])
  func aWrongWordIsReported(arguments: [String], words: String) throws {
    let end = try Command.python(["\(Attack.scripts)/attacks"] + arguments).run()
    #expect(end.status == 2 && end.errors.contains(words), "\(end.errors)")
  }
}

extension String {
  fileprivate var leftPadded: String { count < 2 ? "0" + self : self }
}
