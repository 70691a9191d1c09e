// Encoding of the messages that grant leases and return results.

import Numerics

extension LeaseID {
  func write(to writer: inout ByteWriter) {
    writer.write(incarnation)
    writer.write(counter)
  }

  init(from body: inout BodyReader, _ place: String) throws(WireError) {
    incarnation = try body.reader.uint64(place)
    counter = try body.reader.uint64(place)
  }
}

extension Lease {
  /// The size of the shortest encoded lease, in bytes.
  static let minimumBytes = 41

  func write(to writer: inout ByteWriter) {
    id.write(to: &writer)
    writer.write(version)
    switch work {
    case .train(let batch, let slices):
      writer.write(UInt8(1))
      writer.write(batch)
      writer.write(slices)
    case .evaluate(let split, let samples):
      writer.write(UInt8(2))
      writer.write(split.rawValue)
      writer.write(samples)
    }
  }

  init(from body: inout BodyReader) throws(WireError) {
    id = try LeaseID(from: &body, "lease.id")
    version = try body.reader.uint64("lease.version")
    switch try body.reader.uint8("lease.work") {
    case 1:
      let batch = try body.reader.uint64("lease.batch")
      work = .train(batch: batch, slices: try body.reader.range("lease.slices"))
    case 2:
      let split: Split = try body.reader.value("lease.split")
      work = .evaluate(split: split, samples: try body.reader.range("lease.samples"))
    case let found:
      throw .unknownValue(place: "lease.work", found: found)
    }
  }
}

extension LeaseVerdict {
  func write(to writer: inout ByteWriter) {
    id.write(to: &writer)
    switch verdict {
    case .applied: writer.write(UInt8(1))
    case .duplicate: writer.write(UInt8(2))
    case .stale: writer.write(UInt8(3))
    case .rejected(let reason):
      writer.write(UInt8(4))
      writer.write(explanation: reason)
    }
  }

  init(from body: inout BodyReader) throws(WireError) {
    id = try LeaseID(from: &body, "grant.verdict.id")
    switch try body.reader.uint8("grant.verdict") {
    case 1: verdict = .applied
    case 2: verdict = .duplicate
    case 3: verdict = .stale
    case 4: verdict = .rejected(try body.text("grant.verdict.reason"))
    case let found: throw .unknownValue(place: "grant.verdict", found: found)
    }
  }
}

extension Grant {
  func write(to writer: inout ByteWriter) {
    writer.write(verdict != nil)
    verdict?.write(to: &writer)
    writer.write(leases) { writer, lease in lease.write(to: &writer) }
    writer.write(version)
    writer.write(hasWeights)
  }

  init(from body: inout BodyReader) throws(WireError) {
    let judged = try body.reader.bool("grant.hasVerdict")
    verdict = judged ? try LeaseVerdict(from: &body) : nil
    leases = try body.list(
      "grant.leases", elementBytes: Lease.minimumBytes
    ) { body throws(WireError) in try Lease(from: &body) }
    version = try body.reader.uint64("grant.version")
    hasWeights = try body.reader.bool("grant.hasWeights")
    firstPiece = hasWeights ? try body.optionalTensor() : nil
  }
}

extension SampleSums {
  static let byteCount = 24

  func write(to writer: inout ByteWriter) {
    writer.write(lossSum)
    writer.write(correct)
    writer.write(count)
  }

  init(from body: inout BodyReader) throws(WireError) {
    self.init(
      lossSum: try body.reader.double("push.sums.lossSum"),
      correct: try body.reader.uint64("push.sums.correct"),
      count: try body.reader.uint64("push.sums.count"))
  }
}

extension Push {
  func write(to writer: inout ByteWriter) {
    id.write(to: &writer)
    writer.write(version)
    writer.write(computeMicroseconds)
    writer.write(sums) { writer, sums in sums.write(to: &writer) }
    writer.write(contributions) { writer, slices in writer.write(slices) }
  }

  init(from body: inout BodyReader) throws(WireError) {
    id = try LeaseID(from: &body, "push.id")
    version = try body.reader.uint64("push.version")
    computeMicroseconds = try body.reader.uint64("push.computeMicroseconds")
    sums = try body.list(
      "push.sums", elementBytes: SampleSums.byteCount
    ) { body throws(WireError) in try SampleSums(from: &body) }
    contributions = try body.list("push.contributions", elementBytes: 8) { body throws(WireError) in
      try body.reader.range("push.contributions.slices")
    }
    firstPiece = contributions.isEmpty ? nil : try body.optionalTensor()
  }
}
