import Bytes
import Foundation
import Numerics
import TestSupport
import Testing
import Wire

/// Tests that the pages about the protocol match the implementation.
@Suite struct DocumentationTests {
  private static let folder = "Sources/Wire/Wire.docc"

  @Test func theExamplesMatchTheEncodedMessages() throws {
    let frames = DocumentedMessage.allCases.flatMap { $0.message.encoded() }
    #expect(try examples().map(\.hexadecimal) == frames.map(\.hexadecimal))
  }

  @Test func theExamplesDecodeToTheMessages() throws {
    var frames = try examples()
    for example in DocumentedMessage.allCases {
      let count = example == .piece ? 2 : 1
      #expect(try NumberedMessage(frames: Array(frames.prefix(count))) == example.message)
      frames.removeFirst(count)
    }
  }

  @Test func everyMessageHasItsLayoutAndAnExample() throws {
    let layout = try page("ByteLayout.md")
    let headings = try page("ExampleMessages.md").split(separator: "\n").filter {
      $0.hasPrefix("## ")
    }
    #expect(headings.dropFirst().map { $0.dropFirst(3).lowercased() } == DocumentedMessage.names)
    for example in DocumentedMessage.allCases {
      let type = try #require(example.message.encoded().first)[10]
      #expect(layout.contains("\n### \(type) \(example.rawValue), "), "\(example)")
    }
  }

  @Test(arguments: ["ByteLayout.md", "WorkerGuide.md"])
  func everyRefusalReasonIsDocumented(name: String) throws {
    let page = try page(name)
    for reason in RefusalReason.allCases {
      let words = "\(reason)".replacing(/[A-Z]/) { " \($0.output.lowercased())" }
      let listed = words == "protocol version" ? "version of the protocol" : words
      #expect(page.contains("\(reason.rawValue) \(listed)"), "\(reason)")
    }
  }

  @Test func theVectorOfTheChecksumIsRight() throws {
    let sum = CRC32C.checksum(Bytes(Array("123456789".utf8)), 0..<9)
    let line = "CRC32C of the nine bytes \"123456789\": \(sum.hexadecimal)"
    #expect(try page("ByteLayout.md").contains(line))
  }

  /// Returns the frames of the examples; the first word of each line is hexadecimal.
  private func examples() throws -> [[UInt8]] {
    let blocks = try page("ExampleMessages.md").components(separatedBy: "```")
    return stride(from: 1, to: blocks.count, by: 2).map { index in
      blocks[index].split(separator: "\n").flatMap { line in
        Array(hex: String(line.prefix { $0 != " " }))
      }
    }
  }

  private func page(_ name: String) throws -> String {
    try String(contentsOfFile: Repository.path("\(Self.folder)/\(name)"), encoding: .utf8)
  }
}

/// The messages in the page of examples, in its order.
private enum DocumentedMessage: String, CaseIterable {
  case hello, welcome, refusal, ready, grant, push, piece, acknowledgement, heartbeat, drain
  case farewell, inquiry, status

  static var names: [String] { allCases.map(\.rawValue) }

  var message: NumberedMessage {
    switch self {
    case .hello: NumberedMessage(.hello(Self.helloBody), number: 1)
    case .welcome: NumberedMessage(.welcome(Self.welcomeBody), number: 1, acknowledged: 1)
    case .refusal:
      NumberedMessage(.refusal(Refusal(reason: .dataset, detail: "other data")), number: 0)
    case .ready: NumberedMessage(.ready, number: 2, acknowledged: 1)
    case .grant: NumberedMessage(.grant(Self.grantBody), number: 5, acknowledged: 7)
    case .push: NumberedMessage(.push(Self.pushBody), number: 7, acknowledged: 5)
    case .piece: NumberedMessage(.piece(Self.pieceBody), number: 8, acknowledged: 5)
    case .acknowledgement: NumberedMessage(.acknowledgement, number: 9, acknowledged: 70)
    case .heartbeat:
      NumberedMessage(.heartbeat(Heartbeat(progress: 1000)), number: 10, acknowledged: 70)
    case .drain: NumberedMessage(.drain(Drain(reason: "done")), number: 11, acknowledged: 70)
    case .farewell:
      NumberedMessage(.farewell(Farewell(reason: "done")), number: 12, acknowledged: 70)
    case .inquiry: NumberedMessage(.inquiry, number: 0)
    case .status: NumberedMessage(.status(Self.statusBody), number: 0)
    }
  }

  private static let statusBody: RunStatus = {
    var status = RunStatus(
      recipe: "v1", mode: "sync", phase: .training, step: 42, steps: 12_100, samples: 2100)
    (status.workers, status.readyWorkers, status.neededWorkers) = (2, 2, 1)
    (status.loss, status.accuracy, status.samplesPerSecond) = (0.75, 0.5, 12_000)
    return status
  }()

  private static let helloBody = Hello(
    minimumProtocol: 2, maximumProtocol: 2, name: "ann", incarnation: 9, dataset: "digits",
    recipe: "v1")

  private static let welcomeBody = Welcome(
    protocolVersion: 2, incarnation: 7, settings: [Setting(key: "units", value: "128")],
    dataset: "digits", layout: [TensorSpec(name: "lstm/bias", shape: [512], trainable: true)],
    heartbeatMilliseconds: 1000, silenceMilliseconds: 5000, patienceMilliseconds: 600_000,
    transfers: TransferLimits(pieceElements: 16_384, windowBytes: 4 << 20))

  private static let grantBody = Grant(
    verdict: LeaseVerdict(id: id(1), verdict: .rejected("late")),
    leases: [
      Lease(id: id(2), version: 42, work: .train(batch: 5, slices: 0..<4)),
      Lease(id: id(3), version: 42, work: .evaluate(split: .validation, samples: 0..<500)),
    ],
    version: 42, hasWeights: true)

  private static let pushBody = Push(
    id: id(1), version: 42, computeMicroseconds: 1500,
    sums: [SampleSums(lossSum: 0.5, correct: 3, count: 4)], contributions: [0..<1])

  private static let pieceBody = Piece(
    transfer: 1, index: 0, values: EncodedTensor(float32: [1, -2.5], shape: [2]))

  private static func id(_ counter: UInt64) -> LeaseID {
    LeaseID(incarnation: 7, counter: counter)
  }
}
