import Foundation

/// A value that one thread sends once and a task waits for, without blocking the task's thread.
struct Signal<Value: Sendable>: Sendable {
  private let stream: AsyncStream<Value>
  private let continuation: AsyncStream<Value>.Continuation

  init() {
    (stream, continuation) = AsyncStream.makeStream()
  }

  func send(_ value: Value) {
    continuation.yield(value)
  }

  /// The value, once it has been sent.
  var value: Value {
    get async {
      for await value in stream { return value }
      fatalError("the task was cancelled")
    }
  }
}

/// Starts work on a thread of its own, since the threads of tasks are few and must not be blocked.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) -> Signal<Value> {
  let outcome = Signal<Value>()
  Thread.detachNewThread { outcome.send(work()) }
  return outcome
}
