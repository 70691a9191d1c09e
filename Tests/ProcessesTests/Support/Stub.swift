import Foundation
import Numerics
import Wire

@testable import Processes

/// Replacements for parts of a worker.
enum Stub {
  /// A welcome to a model without tensors.
  static let welcome = Welcome(
    protocolVersion: 1, incarnation: 1, settings: [], dataset: "stub", layout: [],
    heartbeatMilliseconds: 10, silenceMilliseconds: 60_000)

  static func lease(_ counter: UInt64) -> Lease {
    Lease(
      id: LeaseID(incarnation: 1, counter: counter), version: 0,
      work: .train(batch: counter, slices: 0..<1))
  }

  static func result(of lease: Lease) -> LeaseResult {
    LeaseResult(id: lease.id, version: lease.version, sums: [SampleSums()])
  }

  /// A runner whose results contain nothing.
  final class Runner: JobRunner {
    private let work: @Sendable (Lease) throws -> Void

    /// Creates a runner that calls `work` for each lease.
    init(_ work: @escaping @Sendable (Lease) throws -> Void = { _ in }) {
      self.work = work
    }

    func run(_ job: Job) throws -> LeaseResult? {
      guard case .compute(let lease) = job else { return nil }
      try work(lease)
      return Stub.result(of: lease)
    }
  }

  /// An error with a description.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}
