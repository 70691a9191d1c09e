import Foundation

/// A value sent once by a thread, for which a task waits without blocking the task's thread.
struct Signal<Value: Sendable>: Sendable {
  private let stream: AsyncStream<Value>
  private let continuation: AsyncStream<Value>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func send(_ value: Value) {
    continuation.yield(value)
  }

  /// The value; suspends until it has been sent.
  var value: Value {
    get async {
      for await value in stream { return value }
      fatalError("the task was cancelled")
    }
  }
}

/// Starts a new thread, since blocking a thread of the concurrency pool could stall other tasks.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Signal<Value> {
  let outcome = Signal<Value>()
  Thread.detachNewThread { outcome.send(work()) }
  return outcome
}
