import CLinux
import Dispatch
import Foundation
import Synchronization
import Wire
import ZeroMQ

/// The thread that computes, with the two queues that connect it to the socket thread. The queues
/// are memory under a lock; a doorbell over an inproc PAIR wakes the thread that waits.
final class ComputeThread: Sendable {
  private let jobs = Mutex<[Job]>([])
  private let results = Mutex<[JobResult]>([])
  private let bells: DoorbellPair
  private let finished = DispatchSemaphore(value: 0)

  /// Starts the thread, which calls `makeRunner` once.
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

  /// Returns the socket thread's end of the doorbell; call it once.
  func takeBell() -> Doorbell { bells.take(.first) }

  /// Appends a job; ring the bell afterwards.
  func put(_ job: Job) { jobs.withLock { $0.append(job) } }

  /// Waits until the thread has ended and released the context, but at most two seconds, for a
  /// batch that takes unusually long.
  func join() { _ = finished.wait(timeout: .now() + .seconds(2)) }

  /// Drops the jobs that have not started.
  func clear() { jobs.withLock { $0.removeAll() } }

  /// Removes and returns the results that have arrived.
  func takeResults() -> [JobResult] {
    results.withLock { results in
      defer { results.removeAll() }
      return results
    }
  }

  private func nextJob() -> Job? {
    jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// The shortest time slice that Linux lets a thread request.
  private static let timeSliceMicroseconds: UInt32 = 100

  private func work(_ runner: any JobRunner) {
    _ = cscheduling_set_time_slice(Self.timeSliceMicroseconds)  // ignored by older kernels
    let bell = bells.take(.second)
    var poller = Poller<Bool>()
    poller.add(bell, as: true)
    do {
      while true {
        while let job = nextJob() {
          if case .end = job { return }
          // A thread that has slept is scheduled before the sockets' threads that wait for this
          // core; without the yield they, and other workers, would wait for a tick of the clock.
          if case .compute = job { sched_yield() }
          guard let result = result(of: job, runner) else { continue }
          results.withLock { $0.append(result) }
          try bell.ring()
        }
        _ = try poller.wait(milliseconds: nil)
        try bell.drain()
      }
    } catch {
      return  // the context was shut down: the process is about to end
    }
  }

  private func result(of job: Job, _ runner: any JobRunner) -> JobResult? {
    do {
      let start = ContinuousClock.now
      guard let result = try runner.run(job) else { return nil }
      return .computed(result.taking(ContinuousClock.now - start))
    } catch {
      return .failed("\(error)")
    }
  }
}
