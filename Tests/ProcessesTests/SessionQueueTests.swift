import Coordination
import Testing
import Wire
import ZeroMQ

@testable import Processes

/// The queues of the sockets and the credit of the sessions fit together.
@Suite struct SessionQueueTests {
  @Test(arguments: [TransferLimits(), .withinHost])
  func aQueueHasRoomForWhatASessionMayHaveUnderWay(limits: TransferLimits) {
    #expect(Policy(transfers: limits).queueLength <= Int(SocketOptions.session.sendQueue))
  }
}
