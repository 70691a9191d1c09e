import CLinux
import Foundation
import Storage
package import Telemetry
package import ZeroMQ

/// The state of a run, from its server or, if none runs, from the files in its folder.
package struct RunState {
  private let context: Context
  private let patience: Duration

  private static let connectMilliseconds: Int32 = 2000

  /// Creates a reader.
  ///
  /// - Parameter patience: the time to wait for a server.
  /// - Throws: ``ZeroMQError`` if the process has no descriptors left.
  package init(within patience: Duration) throws(ZeroMQError) {
    context = try Context()
    self.patience = patience
  }

  /// Returns the state of a run.
  ///
  /// - Parameter source: the run's folder, an endpoint without keys, or an invitation: its file,
  ///   its text, or - for standard input.
  /// - Throws: an error whose description is one line.
  package func read(_ source: String) throws -> StatusReport {
    if Endpoint.isBetweenProcesses(source) {
      return try ask(ServerLocation(endpoint: source))
    }
    guard Folder.exists(source) else {
      let invitation = try Invitation.read(source)
      return try ask(ServerLocation(invitation, role: invitation.role))
    }
    let files = RunFiles(source)
    guard files.endpointsInUse.contains(where: Self.isListening) else { return try files.state() }
    return try ask(ServerLocation(path: source))
  }

  private func ask(_ location: ServerLocation) throws -> StatusReport {
    StatusReport(
      try StatusInquiry.ask(ServerConnection(to: location, context: context), within: patience))
  }

  /// Whether a process listens at an endpoint; true if that is not certain.
  private static func isListening(_ endpoint: String) -> Bool {
    guard var address = try? ProbeTarget(endpoint)?.address() else { return true }
    let descriptor = cprobe_connect(&address, connectMilliseconds)
    guard descriptor < 0 else {
      close(descriptor)
      return true
    }
    return ![ECONNREFUSED, ENOENT].contains(-descriptor)
  }
}
