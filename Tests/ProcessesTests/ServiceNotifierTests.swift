import Coordination
import Foundation
import TestSupport
import Testing

@testable import Processes

/// The messages to a service manager (sd_notify).
@Suite(.serialized, .limit(minutes: 3))
struct ServiceNotifierTests {
  private func moment(_ seconds: Double) -> Moment {
    Moment(nanoseconds: 0).advanced(by: .seconds(seconds))
  }

  // MARK: In this process

  @Test(arguments: [false, true])
  func messagesArriveAtAPathAndAtAnAbstractName(isAbstract: Bool) throws {
    let folder = try TemporaryFolder()
    let socket = try NotifySocket((isAbstract ? "@" : "") + folder.file("notify"))
    let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": socket.name]))
    notifier.ready()
    notifier.ready()
    notifier.report("one", at: moment(1))
    notifier.report("too early", at: moment(1.9))
    notifier.report("one", at: moment(3))
    notifier.report("two", at: moment(3))
    notifier.turn(at: moment(4))
    notifier.stopping()
    notifier.stopping()
    #expect(socket.messages == ["READY=1", "STATUS=one", "STATUS=two", "STOPPING=1"])
  }

  @Test(arguments: [
    ([:], 3), (["WATCHDOG_PID": "77"], 3), (["WATCHDOG_PID": "78"], 0),
    (["WATCHDOG_PID": "x"], 0), (["WATCHDOG_USEC": "0"], 0), (["WATCHDOG_USEC": "-1"], 0),
    (["WATCHDOG_USEC": ""], 0),
  ])
  func aKeepAliveMessageIsSentAfterHalfOfTheTime(variables: [String: String], count: Int) throws {
    let folder = try TemporaryFolder()
    let socket = try NotifySocket(folder.file("notify"))
    let environment = ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "2000000"]
      .merging(variables) { $1 }
    let notifier = try #require(ServiceNotifier(environment: environment, process: 77))
    for tenth in 0..<30 { notifier.turn(at: moment(Double(tenth) / 10)) }
    #expect(socket.count(of: "WATCHDOG=1") == count)
  }

  @Test(arguments: [[:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"]])
  func thereIsNoNotifierWithoutASocket(environment: [String: String]) {
    #expect(ServiceNotifier(environment: environment) == nil)
  }

  @Test func readinessIsRepeatedUntilItIsAccepted() throws {
    let folder = try TemporaryFolder()
    let name = folder.file("notify")
    let notifier = try #require(ServiceNotifier(environment: ["NOTIFY_SOCKET": name]))
    notifier.ready()
    notifier.turn(at: moment(1))
    let socket = try NotifySocket(name)
    notifier.turn(at: moment(1.9))
    #expect(socket.messages == [])
    for second in 2..<5 { notifier.turn(at: moment(Double(second))) }
    #expect(socket.messages == ["READY=1"])
  }

  @Test func aMissingServiceManagerIsIgnored() throws {
    let folder = try TemporaryFolder()
    let notifier = try #require(
      ServiceNotifier(environment: ["NOTIFY_SOCKET": folder.file("missing")]))
    notifier.ready()
    notifier.stopping()
  }

  // MARK: Processes

  @Test func aServerReportsThatItListensAndWorksAndStops() async throws {
    let folder = try Training.folder()
    let socket = try NotifySocket(folder.file("notify"))
    let program = try Program(
      "server \(Training.endless) --listen tcp://127.0.0.1:0 --run served", in: folder,
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "300000"])
    try await socket.receives("READY=1")
    #expect(folder.exists("served/invitation"))
    try await socket.receives("STATUS=waiting, step 0 of 100000000, 0 workers")
    let worker = try Program("worker --join served/invitation --data shapes", in: folder)
    try await socket.receives("STATUS=training, step ")
    let line = try #require(socket.messages.last { $0.hasPrefix("STATUS=training") })
    #expect(line.contains(" of 100000000, loss ") && line.hasSuffix(", 1 worker"), "\(line)")
    let before = socket.count(of: "WATCHDOG=1")
    _ = try await eventually("keep-alive messages") {
      socket.count(of: "WATCHDOG=1") > before + 2 ? true : nil
    }
    program.send(SIGTERM)
    #expect(try await program.end().status == 143)
    for text in ["READY=1", "STOPPING=1"] { #expect(socket.count(of: text) == 1) }
    worker.send(SIGKILL)
  }

  /// A service manager counts an end without readiness as a failed start, whatever its code.
  @Test(arguments: ["server --listen tcp://127.0.0.1:0", "train --workers 1"])
  func aCompleteRunIsReadyAndStops(command: String) async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 20") + " --run r"
    let first = try await run("train --workers 1 \(options)", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let socket = try NotifySocket(folder.file("notify"))
    let program = try Program(
      "\(command) \(options) --continue", in: folder,
      environment: ["NOTIFY_SOCKET": socket.name])
    let end = try await program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(socket.messages == ["READY=1", "STOPPING=1"])
  }

  @Test func theLauncherReportsForItsServer() async throws {
    let folder = try Training.folder()
    let socket = try NotifySocket("@" + folder.file("notify"))
    let program = try Program(
      "train \(Training.endless) --workers 1 --run r", in: folder,
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "300000"])
    try await socket.receives("READY=1")
    try await socket.receives("STATUS=training, step ")
    // Only the process that the service manager has started may send, so its children cannot.
    let children = children(of: program)
    #expect(children.count == 2)
    for child in children {
      let data = FileManager.default.contents(atPath: "/proc/\(child)/environ") ?? Data()
      #expect(!data.isEmpty)
      let variables = String(decoding: data, as: UTF8.self)
      #expect(!variables.contains("NOTIFY_SOCKET") && !variables.contains("WATCHDOG_USEC"))
    }
    let server = try #require(children.first { processes(mentioning: "server\0").contains($0) })
    kill(server, SIGKILL)
    let before = socket.count(of: "WATCHDOG=1")
    _ = try await eventually("keep-alive messages during and after the restart") {
      socket.count(of: "WATCHDOG=1") > before + 5 ? true : nil
    }
    program.send(SIGTERM)
    #expect(try await program.end().status == 143)
    for text in ["READY=1", "STOPPING=1"] { #expect(socket.count(of: text) == 1) }
  }

  @Test func aWorkerIsReadyOnceItHasJoined() async throws {
    let folder = try Training.folder()
    let socket = try NotifySocket(folder.file("notify"))
    let endpoint = "ipc://\(folder.file("server"))"
    let worker = try Program(
      "worker --connect \(endpoint) --data shapes --connect-timeout 300", in: folder,
      environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "60000000"])
    try await socket.receives("STATUS=no session with \(endpoint)")
    try await socket.receives("WATCHDOG=1")
    #expect(socket.count(of: "READY=1") == 0)
    let server = try await Server(Training.endless, listen: endpoint, in: folder)
    try await socket.receives("STATUS=in a session with \(endpoint)")
    worker.send(SIGTERM)
    #expect(try await worker.end().status == 143)
    for text in ["READY=1", "STOPPING=1"] { #expect(socket.count(of: text) == 1) }
    server.program.send(SIGKILL)
  }

  private func parent(of process: Int32) -> Int32? {
    let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    return text?.components(separatedBy: ") ").last?.split(separator: " ").dropFirst().first
      .flatMap { Int32($0) }
  }

  private func children(of program: Program) -> [Int32] {
    processes(mentioning: "\0--end-with-input\0").filter { parent(of: $0) == program.identifier }
  }
}
