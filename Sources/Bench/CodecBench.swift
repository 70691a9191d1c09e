import Bytes
import Numerics
import Wire

/// Benchmark of encoding, checking and decoding tensors on one core: `tributary bench codec`.
package struct CodecBench {
  /// The speed of one operation.
  package struct Figure: Encodable {
    /// The name of the operation.
    package let operation: String
    /// The duration of one operation.
    package let microseconds: Double
    /// Bytes of the tensor's elements processed per second.
    package let gigabytesPerSecond: Double
  }

  private let floats: [Float]
  private let tensor: EncodedTensor
  private let pieces: [[[UInt8]]]
  private let rounds: Int
  private let limits: WireLimits
  private let kernels = Kernels()

  /// Creates a benchmark with a tensor of `elements` floats; figures are medians over `rounds`.
  package init(elements: Int, rounds: Int) {
    floats = (0..<elements).map { Float($0 % 1000) * 1e-3 }
    tensor = EncodedTensor(float32: floats, shape: [elements])
    limits = WireLimits(maximumFrameBytes: tensor.bytes.count)
    self.rounds = rounds
    pieces = PiecewiseVector(floats).pieces.enumerated().map { index, values in
      Message.piece(Piece(transfer: 1, index: UInt32(index), values: values)).encoded(number: 1)
    }
  }

  /// Measures all operations, one after the other.
  ///
  /// - Throws: ``WireError`` if a message of this program is malformed, which is a bug.
  package func measure() throws -> [Figure] {
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
      figure("encode in pieces") { _ = PiecewiseVector(floats) },
      try figure("read the pieces") {
        for piece in pieces { _ = try NumberedMessage(frames: piece, limits: limits) }
      },
      copyLoop,
    ]
  }

  /// Returns the figures as a table under a line that describes the tensor.
  package func table(_ figures: [Figure]) -> String {
    var table = TextTable("operation", "us", "GB/s")
    for figure in figures {
      table.add(
        figure.operation, TextTable.number(figure.microseconds),
        TextTable.number(figure.gigabytesPerSecond))
    }
    return "tensor of \(floats.count) floats, \(4 * floats.count) bytes, one core\n" + table.text
  }

  private var bytes: Double { Double(4 * floats.count) }

  private func figure(_ operation: String, _ work: () throws -> Void) rethrows -> Figure {
    let repetitions = max(1, Int(3e7 / bytes))
    let times = try (0..<rounds).map { _ in
      try Measure.seconds { for _ in 0..<repetitions { try work() } } / Double(repetitions)
    }
    let time = Statistics.median(times)
    return Figure(
      operation: operation, microseconds: time * 1e6, gigabytesPerSecond: bytes / time / 1e9)
  }

  private var copyLoop: Figure {
    let rate = Measure.copiedBytesPerSecond(rounds: rounds)
    return Figure(
      operation: "copy loop", microseconds: bytes / rate * 1e6, gigabytesPerSecond: rate / 1e9)
  }
}
