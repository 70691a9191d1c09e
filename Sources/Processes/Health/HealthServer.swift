import CLinux
import Coordination
import Dispatch
import Foundation
import Storage

/// The health endpoint of a server: `/healthz` and `/readyz` over plain HTTP, in a thread of its
/// own that reads a ``HealthState`` and changes nothing.
///
/// Connections, the size of a request and the time of a connection are limited. While there are too
/// many connections, the oldest is closed for a new one, so that idle ones do not keep a request
/// from being answered.
package final class HealthServer: Sendable {
  /// The endpoint in use, with the port that the system assigned.
  package let endpoint: String

  private let listener: Int32
  private let health: HealthState
  private let clock: MonotonicClock
  private let finished = DispatchSemaphore(value: 0)

  /// The greatest number of connections.
  private static let mostConnections = 32
  /// The pause after a connection could not be accepted, such as without descriptors.
  private static let pause = 0.1

  /// Listens at an endpoint and starts the thread.
  ///
  /// - Throws: ``HealthError``.
  package init(
    at endpoint: HealthEndpoint, _ health: HealthState, clock: MonotonicClock
  ) throws(HealthError) {
    let listener = cservice_listen(endpoint.host, "\(endpoint.port)")
    guard listener >= 0 else {
      let fault: HealthError.Fault =
        switch -listener {
        case EADDRINUSE: .inUse
        case EDESTADDRREQ: .unresolved
        default: .refused(SystemReason.text(code: -listener))
        }
      throw HealthError(fault: fault, endpoint: endpoint.text(port: endpoint.port))
    }
    self.listener = listener
    self.health = health
    self.clock = clock
    self.endpoint = endpoint.text(port: UInt16(clamping: cservice_port(listener)))
    let thread = Thread { [self] in
      serve()
      finished.signal()
    }
    thread.name = "health"
    thread.start()
  }

  /// Ends the thread and closes the endpoint and all connections. Call it once.
  package func stop() {
    shutdown(listener, Int32(SHUT_RDWR))  // wakes the thread
    finished.wait()
    close(listener)
  }

  // MARK: The thread

  private func serve() {
    var connections = HealthConnections(most: Self.mostConnections)
    while true {
      var entries = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
      entries += connections.descriptors.map {
        pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
      }
      guard poll(&entries, nfds_t(entries.count), connections.wait(at: clock.now)) >= 0 else {
        guard errno == EINTR else { return }
        continue
      }
      if Int32(entries[0].revents) & (POLLHUP | POLLERR) != 0 { return }
      connections.serve(Set(entries.dropFirst().filter { $0.revents != 0 }.map(\.fd)), content)
      connections.closeExpired(at: clock.now)
      if entries[0].revents != 0 { accept(&connections) }
    }
  }

  /// Accepts a connection. A request that has arrived with it is answered at once, before other
  /// connections can displace it.
  private func accept(_ connections: inout HealthConnections) {
    let descriptor = cservice_accept(listener)
    guard descriptor >= 0 else {
      guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(-descriptor) else { return }
      connections.closeOldest()
      Thread.sleep(forTimeInterval: Self.pause)
      return
    }
    connections.add(HealthConnection(descriptor, at: clock.now))
    connections.serve([descriptor], content)
  }

  private func content(_ path: String) -> HTTPExchange.Answer? {
    let answer: HealthState.Answer
    switch path {
    case "/healthz": answer = health.health(at: clock.now)
    case "/readyz": answer = health.readiness(at: clock.now)
    default: return nil
    }
    return HTTPExchange.Answer(status: answer.isGood ? 200 : 503, text: answer.reason)
  }
}

/// The connections of a health endpoint, oldest first.
private struct HealthConnections {
  private let most: Int
  private var connections: [HealthConnection] = []

  init(most: Int) { self.most = most }

  var descriptors: [Int32] { connections.map(\.descriptor) }

  /// Milliseconds until the time of the oldest connection is over; -1 if there is none.
  func wait(at now: Moment) -> Int32 {
    guard let deadline = connections.first?.deadline else { return -1 }
    return now >= deadline ? 0 : Int32(deadline.since(now).seconds * 1000) + 1
  }

  mutating func add(_ connection: HealthConnection) {
    if connections.count == most { closeOldest() }
    connections.append(connection)
  }

  /// Serves the connections with these descriptors, and closes those that end.
  mutating func serve(
    _ ready: Set<Int32>, _ content: (_ path: String) -> HTTPExchange.Answer?
  ) {
    connections = connections.filter { !ready.contains($0.descriptor) || $0.serve(content) }
  }

  mutating func closeExpired(at now: Moment) {
    connections.removeAll { now >= $0.deadline }
  }

  mutating func closeOldest() { connections = Array(connections.dropFirst()) }
}
