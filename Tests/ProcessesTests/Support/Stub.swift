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

  /// A welcome to a model with one tensor, in pieces of two elements of which one may be under way.
  static func welcome(elements: UInt32) -> Welcome {
    var welcome = welcome
    welcome.layout = [TensorSpec(name: "w", shape: [elements], trainable: true)]
    welcome.transfers = TransferLimits(pieceElements: 2, windowBytes: 8)
    return welcome
  }

  static func lease(_ counter: UInt64) -> Lease {
    Lease(
      id: LeaseID(incarnation: 1, counter: counter), version: 0,
      work: .train(batch: counter, slices: 0..<1))
  }

  static func result(of lease: Lease, _ gradients: PiecewiseVector...) -> LeaseResult {
    LeaseResult(
      id: lease.id, version: lease.version, sums: [SampleSums()],
      contributions: gradients.map { Contribution(slices: 0..<1, values: $0) })
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

  /// A runner whose results have one contribution: the weights.
  final class EchoingRunner: JobRunner {
    private var weights: PiecewiseVector?
    private var transfers = TransferLimits()

    func run(_ job: Job) throws -> LeaseResult? {
      switch job {
      case .prepare(let welcome): transfers = welcome.transfers
      case .load(let weights, _): self.weights = weights
      case .compute(let lease):
        guard let weights else { throw Failure(description: "no weights") }
        return Stub.result(of: lease, PiecewiseVector(weights.floats, limits: transfers))
      case .end: break
      }
      return nil
    }
  }

  /// An error with a description.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }
}
