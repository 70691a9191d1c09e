import Wire
package import ZeroMQ

extension SocketOptions {
  /// The options of the sockets of a session. The credit of the session bounds the bytes that are
  /// queued, so the queues need not be short; frames are pieces of tensors at most.
  package static var session: SocketOptions {
    var options = SocketOptions()
    options.sendQueue = 1000
    options.receiveQueue = 1000
    options.maximumFrameBytes = Int64(WireLimits().maximumFrameBytes)
    return options
  }
}
