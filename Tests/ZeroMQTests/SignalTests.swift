import CLinux
import Foundation
import Testing
import ZeroMQ

@Suite struct SignalTests {
  enum Source { case signals }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
  func aSignalArrivesThroughThePoller(number: Int32) async throws {
    // Use a separate thread, since the signals stay blocked in the thread that opens the
    // descriptor.
    let outcome = onThread { () -> [Int32] in
      let descriptor = csignals_open()
      guard descriptor >= 0 else { return [] }
      defer { close(descriptor) }
      var poller = Poller<Source>()
      poller.add(descriptor: descriptor, as: .signals)
      let before = csignals_next(descriptor)
      pthread_kill(pthread_self(), number)
      guard (try? poller.wait(milliseconds: patience))?.count == 1 else { return [] }
      return [before, csignals_next(descriptor), csignals_next(descriptor)]
    }
    #expect(await outcome.value == [0, number, 0])
  }

  @Test func theDescriptorIsClosedOnExec() async throws {
    let outcome = onThread { () -> Int32 in
      let descriptor = csignals_open()
      defer { csignals_close(descriptor) }
      return fcntl(descriptor, F_GETFD) & FD_CLOEXEC
    }
    #expect(await outcome.value == FD_CLOEXEC)
  }

  @Test func aSuspensionArrivesOnceItIsAdded() async throws {
    let outcome = onThread { () -> [Int32] in
      let descriptor = csignals_open()
      guard descriptor >= 0, csignals_add_suspension(descriptor) == 0 else { return [] }
      defer { csignals_close(descriptor) }
      pthread_kill(pthread_self(), SIGTSTP)
      return [csignals_next(descriptor), csignals_next(descriptor)]
    }
    #expect(await outcome.value == [SIGTSTP, 0])
  }

  @Test func aContinuationArrivesOnADescriptorOfItsOwn() async throws {
    let outcome = onThread { () -> [Int32] in
      let descriptor = csignals_open()
      let continuation = csignals_open_continuation()
      defer {
        csignals_close(descriptor)
        close(continuation)
      }
      let before = csignals_next(continuation)
      pthread_kill(pthread_self(), SIGCONT)
      return [
        before, csignals_next(descriptor), csignals_next(continuation), csignals_next(continuation),
      ]
    }
    #expect(await outcome.value == [0, 0, SIGCONT, 0])
  }

  @Test func anInvalidSignalDescriptorIsAnError() {
    #expect(csignals_add_suspension(-1) == -EBADF)
    #expect(csignals_next(-1) == -EBADF)
    #expect(csignals_close(-1) == -EBADF)
  }
}
