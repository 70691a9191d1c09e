import CLinux
import Coordination
import Dispatch
import Foundation
import Synchronization
import Wire
import ZeroMQ

/// What the socket thread of a worker hands to the thread that computes, in order.
enum Job: Sendable {
  /// Make the model of these settings.
  case prepare(Welcome)
  /// Use these weights from now on.
  case load(EncodedTensor, version: UInt64)
  /// Compute this lease.
  case compute(Lease)
  /// End the thread.
  case end
}

/// What comes back.
enum JobResult: Sendable {
  /// A lease is computed.
  case computed(LeaseResult)
  /// A job cannot be done, and nothing after it.
  case failed(String)
}

/// Does jobs; made and used in the computing thread.
protocol JobRunner: AnyObject {
  /// Does one job.
  ///
  /// - Returns: the result of a lease, nil for any other job.
  /// - Throws: an error whose description is one line.
  func run(_ job: Job) throws -> LeaseResult?
}

/// The thread that computes, and the two boxes through which it meets the socket's thread. The
/// boxes are memory under a lock; a doorbell over an inproc PAIR wakes whoever waits.
final class ComputeThread: Sendable {
  private let jobs = Mutex<[Job]>([])
  private let results = Mutex<[JobResult]>([])
  private let bells: DoorbellPair
  private let finished = DispatchSemaphore(value: 0)

  /// Starts the thread; `makeRunner` is called in it, once.
  init(
    context: Context, makeRunner: @escaping @Sendable () -> any JobRunner
  ) throws(ZeroMQError) {
    bells = try DoorbellPair(context: context)
    let thread = Thread { [self] in
      work(makeRunner())
      finished.signal()
    }
    thread.name = "compute"
    thread.stackSize = 4 << 20
    thread.start()
  }

  /// The socket thread's end of the doorbell; taken once.
  func takeBell() -> Doorbell { bells.take(.first) }

  /// Hands over a job; ring the bell after it.
  func put(_ job: Job) { jobs.withLock { $0.append(job) } }

  /// Waits for the thread to end and to let go of the context, but no longer than for one batch
  /// that takes unusually long.
  func join() { _ = finished.wait(timeout: .now() + .seconds(2)) }

  /// Drops the jobs that were not begun.
  func clear() { jobs.withLock { $0.removeAll() } }

  /// Takes what has come back.
  func takeResults() -> [JobResult] {
    results.withLock { results in
      defer { results.removeAll() }
      return results
    }
  }

  private func nextJob() -> Job? {
    jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// The least that Linux lets a thread ask for.
  private static let microsecondsAtATime: UInt32 = 100

  private func work(_ runner: any JobRunner) {
    _ = cscheduling_set_time_slice(Self.microsecondsAtATime)  // where the kernel knows how
    let bell = bells.take(.second)
    var poller = Poller<Bool>()
    poller.add(bell, as: true)
    do {
      while true {
        while let job = nextJob() {
          if case .end = job { return }
          // Having slept, it comes before the sockets' threads that wait for this core, which would
          // then wait for a tick of the clock, and other workers with them.
          if case .compute = job { sched_yield() }
          guard let result = outcome(of: job, runner) else { continue }
          results.withLock { $0.append(result) }
          try bell.ring()
        }
        _ = try poller.wait(milliseconds: nil)
        try bell.drain()
      }
    } catch {
      return  // the context is gone, and the process at its end
    }
  }

  private func outcome(of job: Job, _ runner: any JobRunner) -> JobResult? {
    do {
      return try runner.run(job).map { .computed($0) }
    } catch {
      return .failed("\(error)")
    }
  }
}
