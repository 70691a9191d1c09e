import Foundation
import Glibc
import Synchronization
import Testing

/// A proxy between workers and a server's tcp endpoint that injects faults into their connections,
/// by a plan or on request of the test. It stops and closes them when this value is released.
///
/// A worker that connects while the server is not running is disconnected.
final class ChaosProxy {
  /// The endpoint for the workers.
  let endpoint: String
  private let listener: Int32
  private let switchboard = Switchboard()

  init(to server: String, plan: FaultPlan = .none) throws {
    let serverPort = try Loopback.port(of: server)
    let (listener, port) = try Loopback.listen()
    self.listener = listener
    endpoint = "tcp://127.0.0.1:\(port)"
    Thread.detachNewThread { [switchboard] in
      while let worker = Loopback.accept(listener) {
        guard let server = Loopback.connect(serverPort) else {
          close(worker)
          continue
        }
        switchboard.join(worker, server, plan)
      }
      close(listener)
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    switchboard.end()
  }

  /// The number of connections so far.
  var connections: Int { switchboard.state.withLock { $0.links.count } }

  /// The faults that have started, in order; a duplicate starts when the message is repeated.
  var faults: [Fault] { switchboard.state.withLock { $0.faults } }

  /// Injects a fault into each current connection.
  func inject(_ fault: Fault) {
    for link in switchboard.state.withLock({ $0.live }) { link.begin(fault) }
  }

  /// Whether all connections, new ones included, are stalled: nothing is forwarded, none is closed.
  var isStalled: Bool {
    get { switchboard.state.withLock { $0.isStalled } }
    set { switchboard.state.withLock { $0.isStalled = newValue } }
  }
}

/// The state that the threads of a proxy share.
private final class Switchboard: Sendable {
  struct State {
    var links: [() -> Link?] = []
    var faults: [Fault] = []
    var isStalled = false
    var isOver = false

    var live: [Link] { links.compactMap { $0() } }
  }

  let state = Mutex(State())

  /// Forwards between two connections, on two new threads.
  func join(_ worker: Int32, _ server: Int32, _ plan: FaultPlan) {
    let link = Link(worker: worker, server: server, switchboard: self)
    let number = state.withLock { state in
      state.links.append { [weak link] in link }  // owned by its threads
      if state.isOver { link.cut() }
      return state.links.count - 1
    }
    Thread.detachNewThread { link.forwardFromServer() }
    Thread.detachNewThread { link.forwardFromWorker(plan.faults(number)) }
  }

  func end() {
    let links = state.withLock { state in
      state.isOver = true
      return state.live
    }
    for link in links { link.cut() }
  }
}

/// A worker's connection and the corresponding connection to the server.
private final class Link: Sendable {
  private struct State {
    var isCut = false
    var stalls = 0
    var milliseconds = 0
    var truncates = false
    var repeats = false
  }

  private let worker: Int32
  private let server: Int32
  private let switchboard: Switchboard
  private let state = Mutex(State())

  init(worker: Int32, server: Int32, switchboard: Switchboard) {
    (self.worker, self.server, self.switchboard) = (worker, server, switchboard)
  }

  deinit {
    close(worker)
    close(server)
  }

  /// Closes both sides, which wakes the threads that wait for either.
  func cut() {
    state.withLock { $0.isCut = true }
    for descriptor in [worker, server] { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  func begin(_ fault: Fault) {
    if fault != .duplicate { record(fault) }
    switch fault {
    case .cut: cut()
    case .truncate: state.withLock { $0.truncates = true }
    case .delay(let milliseconds): state.withLock { $0.milliseconds += milliseconds }
    case .duplicate: state.withLock { $0.repeats = true }
    case .stall(let milliseconds, let thenCut):
      state.withLock { $0.stalls += 1 }
      Thread.detachNewThread {
        usleep(UInt32(milliseconds) * 1000)
        if thenCut { self.cut() }
        self.state.withLock { $0.stalls -= 1 }
      }
    }
  }

  private func record(_ fault: Fault) {
    switchboard.state.withLock { $0.faults.append(fault) }
  }

  func forwardFromServer() {
    while let bytes = Loopback.receive(server, atMost: 1 << 16), forward(bytes, to: worker) {}
    shutdown(worker, Int32(SHUT_WR))
  }

  func forwardFromWorker(_ plan: FaultPlan.Faults) {
    var (seen, coming, repeater) = (0, plan[...], MessageRepeater())
    while true {
      while let next = coming.first, next.byte <= seen {
        coming.removeFirst()
        begin(next.fault)
      }
      // Not beyond the next fault, so that it occurs at its byte.
      let most = min(1 << 16, coming.first.map { $0.byte - seen } ?? .max)
      guard let bytes = Loopback.receive(worker, atMost: most) else { break }
      seen += bytes.count
      guard forwardWithFaults(bytes, &repeater) else { break }
    }
    shutdown(server, Int32(SHUT_WR))
  }

  private func forwardWithFaults(_ bytes: [UInt8], _ repeater: inout MessageRepeater) -> Bool {
    let now = state.withLock { state in
      defer { (state.milliseconds, state.truncates, state.repeats) = (0, false, false) }
      return state
    }
    usleep(UInt32(now.milliseconds) * 1000)
    if now.truncates {
      _ = forward(bytes.prefix(bytes.count / 2), to: server)
      cut()
      return false
    }
    repeater.isArmed = repeater.isArmed || now.repeats
    let passed = repeater.pass(bytes)
    if passed.count > bytes.count { record(.duplicate) }
    return forward(passed, to: server)
  }

  /// Sends the bytes once no stall holds them; returns false at the end of the connection.
  private func forward(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    while isStalled { usleep(1000) }
    // Nothing is forwarded between the end of a stall and the cut that follows it.
    return !state.withLock { $0.isCut } && Loopback.send(bytes, to: descriptor)
  }

  private var isStalled: Bool {
    let all = switchboard.state.withLock { $0.isStalled }
    return state.withLock { !$0.isCut && ($0.stalls > 0 || all) }
  }
}
