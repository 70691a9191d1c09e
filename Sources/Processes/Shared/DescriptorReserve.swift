import Foundation
import Storage
import Synchronization

/// Descriptors that are kept open for nothing, and closed when a file cannot be opened because
/// connections use all others.
final class DescriptorReserve: Sendable {
  private static let count = 8
  /// The attempts of work that finds no descriptor. libzmq's thread, which accepts connections all
  /// the time then, may take those that become free.
  private static let attempts = 40
  private static let pause = 0.05

  private let descriptors = Mutex<[Int32]>([])

  /// Creates a reserve.
  init() { refill() }

  deinit { _ = release() }

  /// Runs `work`; if it finds no descriptor, runs it again with those of the reserve.
  func lend<Value>(_ work: () throws -> Value) throws -> Value {
    defer { refill() }
    for _ in 1..<Self.attempts {
      do {
        return try work()
      } catch let error as FileError where error.isOutOfDescriptors {
        let hadAny = release()
        // Connections beyond the limit end in the meantime; see DescriptorLimit.
        if !hadAny { Thread.sleep(forTimeInterval: Self.pause) }
      }
    }
    return try work()
  }

  /// Closes all descriptors; returns whether there were any.
  private func release() -> Bool {
    descriptors.withLock { descriptors in
      defer { descriptors = [] }
      for descriptor in descriptors { close(descriptor) }
      return !descriptors.isEmpty
    }
  }

  private func refill() {
    descriptors.withLock { descriptors in
      while descriptors.count < Self.count {
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        descriptors.append(descriptor)
      }
    }
  }
}
