import Foundation
import TestSupport
import Testing

/// Tests of `tributary bench`: the figures are consistent, whatever their values.
@Suite(.serialized, .limit(minutes: 5))
struct BenchTests {
  @Test(arguments: [
    ("bench", ["kernels", "codec", "server", "train"]),
    ("bench codec", ["--elements", "--rounds", "--json"]),
    ("bench server", ["--connections", "--transport", "--seconds", "--units", "--json"]),
    (
      "bench train",
      [
        "--batch-sizes", "--workers", "--steps", "--rounds", "--units", "--precision", "--json",
        "--data",
      ]
    ),
  ])
  func helpNamesEveryOption(command: String, options: [String]) async throws {
    let end = try await run("\(command) --help", in: TemporaryFolder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    for option in options { #expect(end.output.contains(option), "\(option): \(end.output)") }
  }

  @Test(arguments: [
    WrongCall("bench codec --elements 0", "--elements", "0", "1 to 67108864"),
    WrongCall("bench codec --rounds 0", "--rounds", "0", "1 to 1000"),
    WrongCall("bench server --connections 2,0", "--connections", "0", "1 to 400"),
    WrongCall("bench server --connections 2,,3", "'2,,3'", "--help"),
    WrongCall("bench server --connections two", "'two'", "--help"),
    WrongCall("bench server --transport pigeon", "--transport", "'pigeon'", "ipc, tcp or both"),
    WrongCall("bench server --seconds 0", "--seconds", "0.1 to 3600"),
    WrongCall("bench server --seconds nan", "--seconds", "0.1 to 3600"),
    WrongCall("bench server --units 0", "--units", "0", "1 to 8192"),
    WrongCall("bench train --batch-sizes 0", "--batch-sizes", "0", "1 to 65536"),
    WrongCall("bench train --workers 2,257", "--workers", "257", "1 to 256"),
    WrongCall("bench train --steps 1", "--steps", "1", "2 to 1000000"),
    WrongCall("bench train --rounds 0", "--rounds", "0", "1 to 1000"),
    WrongCall("bench train --units 9000", "--units", "9000", "1 to 8192"),
    WrongCall("bench train --precision f16", "--precision", "'f16'", "f32 or bf16"),
    WrongCall("bench train --kernels sse", "--kernels", "'sse'", "plain"),
  ])
  func invalidOptionsAreRejected(call: WrongCall) async throws {
    try await call.check(status: 64, in: TemporaryFolder())
  }

  @Test func theCodecTableHasEveryOperation() async throws {
    let end = try await run("bench codec --elements 1000 --rounds 1", in: TemporaryFolder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    let lines = end.output.split(separator: "\n")
    #expect(lines.first == "tensor of 1000 floats, 4000 bytes, one core")
    for operation in [
      "CRC-32C", "encode a tensor", "check", "decode", "add", "encode in pieces",
      "read the pieces", "copy loop",
    ] {
      #expect(lines.contains { $0.hasPrefix(operation) }, "\(operation): \(end.output)")
    }
    #expect(Set(lines.dropFirst().map(\.count)).count == 1, "columns are aligned: \(end.output)")
  }

  @Test func theRateOfTheCodecIsItsBytesDividedByItsTime() async throws {
    let end = try await run("bench codec --elements 500 --rounds 1 --json", in: TemporaryFolder())
    let figures = try JSONDecoder().decode([CodecFigure].self, from: Data(end.output.utf8))
    #expect(figures.count == 8)
    for figure in figures {
      let bytes = figure.gigabytesPerSecond * 1e9 * figure.microseconds * 1e-6
      #expect(abs(bytes - 2000) < 1, "\(figure.operation)")
    }
  }

  @Test(arguments: [
    ("ipc", [1, 3, 9]), ("tcp", [2]),
  ])
  func theServerIsMeasuredOverEveryNumberOfConnections(
    transport: String, connections: [Int]
  ) async throws {
    let list = connections.map(String.init).joined(separator: ",")
    let end = try await run(
      "bench server --units 4 --seconds 0.2 --json --transport \(transport) --connections \(list)",
      in: TemporaryFolder())
    try #require(end.status == 0, "\(end.errors)")
    let figures = try JSONDecoder().decode(ServerFigures.self, from: Data(end.output.utf8))
    #expect(figures.elements == 4 * 4 * (28 + 4) + 4 * 4 + 4 * 10 + 10)
    #expect(figures.rates.map(\.connections) == connections)
    let cost = figures.cost
    for part in [cost.decode, cost.handle, cost.answer, cost.update, cost.encode] {
      #expect(part > 0)
    }
    for rate in figures.rates {
      #expect(rate.transport == transport && rate.roundTripsPerSecond > 0)
      let bytes = rate.roundTripsPerSecond * Double(2 * 4 * figures.elements)
      #expect(abs(rate.megabytesPerSecond / (bytes / 1e6) - 1) < 1e-6)
      let copied = figures.copiedGigabytesPerSecond
      #expect(abs(rate.shareOfCopy / (bytes / 1e9 / copied) - 1) < 1e-6)
    }
  }

  @Test func theTableOfTheServerHasBothTransports() async throws {
    let end = try await run(
      "bench server --units 4 --seconds 0.1 --connections 1", in: TemporaryFolder())
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    for word in ["decode", "clip and Adam", "in all", "round trips/s", "ipc 1", "tcp 1", "%"] {
      #expect(end.output.contains(word), "\(word): \(end.output)")
    }
  }

  @Test func aSignalEndsABenchmark() async throws {
    let program = try Program(
      "bench server --units 4 --seconds 3000 --connections 1 --transport ipc",
      in: TemporaryFolder())
    try await Task.sleep(for: .milliseconds(700))  // in any phase of the benchmark
    program.send(SIGINT)
    let end = try await program.end()
    #expect(end.status == 130)
    #expect(end.output == "")
  }

  @Test func trainingsAreMeasuredWithTheSameWorkInOneProcess() async throws {
    let folder = try TemporaryFolder()
    let end = try await run(
      "bench train --data generated:100 --units 4 --batch-sizes 10,20 --workers 1 --steps 30"
        + " --rounds 1 --json", in: folder)
    try #require(end.status == 0, "\(end.errors)")
    let figures = try JSONDecoder().decode([TrainFigure].self, from: Data(end.output.utf8))
    #expect(figures.map(\.batchSize) == [10, 10, 10, 20, 20, 20])
    #expect(
      figures.map(\.system) == ["in-process", "sync", "async", "in-process", "sync", "async"])
    #expect(figures.allSatisfy { $0.samplesPerSecond > 0 && $0.workers == 1 })
    for (index, figure) in figures.enumerated() {
      let share = figure.samplesPerSecond / figures[index / 3 * 3].samplesPerSecond
      #expect(abs(figure.shareOfInProcess / share - 1) < 1e-6)
    }
    #expect(!folder.exists("runs"), "trainings leave no files")
  }

  @Test func aTrainingThatFailsIsReported() async throws {
    let end = try await run(
      "bench train --data nowhere --batch-sizes 10 --workers 1 --steps 30 --rounds 1",
      in: TemporaryFolder())
    #expect(end.status == 75 && end.output.isEmpty)
    #expect(end.errors.contains("ended with code") && end.errorLines.count == 1, "\(end.errors)")
  }
}

private struct CodecFigure: Decodable {
  let operation: String
  let microseconds: Double, gigabytesPerSecond: Double

  enum CodingKeys: String, CodingKey {
    case operation, microseconds
    case gigabytesPerSecond = "gigabytes_per_second"
  }
}

private struct ServerFigures: Decodable {
  struct Cost: Decodable {
    let decode: Double, handle: Double, answer: Double, update: Double, encode: Double
  }

  struct Rate: Decodable {
    let transport: String, connections: Int
    let roundTripsPerSecond: Double, megabytesPerSecond: Double, shareOfCopy: Double

    enum CodingKeys: String, CodingKey {
      case transport, connections
      case roundTripsPerSecond = "round_trips_per_second"
      case megabytesPerSecond = "megabytes_per_second"
      case shareOfCopy = "share_of_copy"
    }
  }

  let elements: Int, copiedGigabytesPerSecond: Double, cost: Cost, rates: [Rate]

  enum CodingKeys: String, CodingKey {
    case elements, cost, rates
    case copiedGigabytesPerSecond = "copied_gigabytes_per_second"
  }
}

private struct TrainFigure: Decodable {
  let batchSize: Int, workers: Int, system: String
  let samplesPerSecond: Double, shareOfInProcess: Double

  enum CodingKeys: String, CodingKey {
    case workers, system
    case batchSize = "batch_size"
    case samplesPerSecond = "samples_per_second"
    case shareOfInProcess = "share_of_in_process"
  }
}
