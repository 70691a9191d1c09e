import Bytes
internal import Synchronization

/// The decision maker about the keys of new connections of all CURVE servers of a context (ZAP,
/// ZeroMQ RFC 27).
///
/// It belongs to one thread, and must exist before the first server socket is bound. libzmq
/// completes no handshake without its answer.
public final class Authenticator {
  fileprivate let socket: Socket

  /// Where libzmq sends its requests.
  private static let endpoint = "inproc://zeromq.zap.01"
  /// Frames and bytes of a request, with the address of the asking thread and a delimiter.
  private static let (mostFrames, mostBytes) = (16, 4096)

  /// Creates the authenticator of a context.
  ///
  /// - Throws: ``ZeroMQError/addressInUse(endpoint:)`` if the context has one.
  public init(context: Context) throws(ZeroMQError) {
    // libzmq has one request under way for each connection in its handshake.
    var options = SocketOptions()
    (options.sendQueue, options.receiveQueue) = (0, 0)
    let socket = try Socket(.router, context: context, options: options)
    _ = try socket.bind(Self.endpoint)
    self.socket = socket
    context.hasAuthenticator.store(true, ordering: .releasing)
  }

  /// Answers waiting requests, without waiting for more.
  ///
  /// - Parameters:
  ///   - most: the maximum number of requests.
  ///   - admits: returns whether a key is valid.
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public func answer(
    atMost most: Int, admits: (AuthenticationRequest) -> Bool
  ) throws(ZeroMQError) {
    for _ in 0..<most {
      do {
        guard
          let frames = try socket.receive(
            maximumFrames: Self.mostFrames, maximumBytes: Self.mostBytes)
        else { return }
        try answer(frames, admits)
      } catch .messageTooLarge {
        continue  // not a request of libzmq; the connection ends with its handshake time
      }
    }
  }

  private func answer(
    _ frames: [Bytes], _ admits: (AuthenticationRequest) -> Bool
  ) throws(ZeroMQError) {
    guard frames.count > 2, frames[1].count == 0,
      let request = try? AuthenticationRequest(frames: Array(frames.dropFirst(2)))
    else { return }
    do {
      try socket.send([frames[0].array, []] + request.reply(isAdmitted: admits(request)))
    } catch .contextTerminated {
      throw .contextTerminated
    } catch {
      return  // the connection has ended
    }
  }
}

extension Poller {
  /// Adds an authenticator, which becomes readable when a request waits.
  public mutating func add(_ authenticator: Authenticator, as key: Key) {
    add(authenticator.socket, as: key)
  }
}
