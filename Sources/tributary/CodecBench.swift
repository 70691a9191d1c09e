import ArgumentParser
import Bytes
import Foundation
import Numerics
import Wire

/// The bytes on the wire alone, on one core.
struct BenchCodecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "codec",
    abstract: "Measure encoding, checking and decoding of tensors on one core.",
    discussion: """
      Each figure is the median over the rounds; gigabytes are those of the tensor's elements. \
      The copy loop beside them copies memory that no cache holds, while a tensor of the usual \
      size stays in one.
      """)

  @Option(help: "Elements of the tensor; the usual model has 81,674.")
  var elements = 81_674

  @Option(help: "Rounds to take the median of.")
  var rounds = 7

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    try NumberList([elements]).check(1...1 << 26, of: "--elements")
    try NumberList([rounds]).check(1...1000, of: "--rounds")
  }

  func run() throws {
    try Failure.report {
      let bench = CodecBench(elements: elements, rounds: rounds)
      let figures = try bench.measure()
      if json {
        try FileHandle.standardOutput.write(contentsOf: Measuring.json(figures))
      } else {
        bench.show(figures)
      }
    }
  }
}

/// The measurements behind `tributary bench codec`.
struct CodecBench {
  /// How fast something is done.
  struct Figure: Encodable {
    /// What.
    let operation: String
    /// The time of once.
    let microseconds: Double
    /// Elements' bytes in a second.
    let gigabytesPerSecond: Double
  }

  private let floats: [Float]
  private let tensor: EncodedTensor
  private let push: [[UInt8]]
  private let rounds: Int
  private let limits: WireLimits
  private let kernels = Kernels()

  /// Measurements of a tensor of so many elements.
  init(elements: Int, rounds: Int) {
    floats = (0..<elements).map { Float($0 % 1000) * 1e-3 }
    tensor = EncodedTensor(float32: floats, shape: [elements])
    limits = .model(elements: elements, slices: 1)
    self.rounds = rounds
    let result = LeaseResult(
      id: LeaseID(incarnation: 1, counter: 1), version: 1, sums: [SampleSums()],
      contributions: [Contribution(slices: 0..<1, values: tensor)])
    push = Message.push(Push(result: result)).encoded(number: 1)
  }

  /// Measures one after the other.
  ///
  /// - Throws: ``WireError``, if a message of our own were not well formed.
  func measure() throws -> [Figure] {
    var sum = [Float](repeating: 0, count: floats.count)
    return [
      figure("CRC-32C") { _ = CRC32C.checksum(tensor.bytes) },
      figure("encode a tensor") { _ = EncodedTensor(float32: floats, shape: tensor.shape) },
      try figure("check a tensor") {
        _ = try EncodedTensor(validating: tensor.bytes, limits: limits)
      },
      try figure("decode a tensor") { _ = try tensor.floats() },
      figure("add a tensor to a sum") {
        kernels.add(into: &sum, littleEndian: tensor.content, at: tensor.payloadOffset)
      },
      try figure("read a push") { _ = try NumberedMessage(frames: push, limits: limits) },
      copyLoop,
    ]
  }

  /// Prints a table.
  func show(_ figures: [Figure]) {
    print("tensor of \(floats.count) floats, \(4 * floats.count) bytes, one core")
    var table = TextTable("operation", "us", "GB/s")
    for figure in figures {
      table.add(
        figure.operation, Measuring.text(figure.microseconds),
        Measuring.text(figure.gigabytesPerSecond))
    }
    print(table.text)
  }

  private var bytes: Double { Double(4 * floats.count) }

  private func figure(_ operation: String, _ work: () throws -> Void) rethrows -> Figure {
    let repetitions = max(1, Int(3e7 / bytes))
    let times = try (0..<rounds).map { _ in
      try Measuring.seconds { for _ in 0..<repetitions { try work() } } / Double(repetitions)
    }
    let time = Measuring.median(times)
    return Figure(
      operation: operation, microseconds: time * 1e6, gigabytesPerSecond: bytes / time / 1e9)
  }

  private var copyLoop: Figure {
    let rate = Measuring.copiedBytesPerSecond(rounds: rounds)
    return Figure(
      operation: "copy loop", microseconds: bytes / rate * 1e6, gigabytesPerSecond: rate / 1e9)
  }
}
