package import Coordination

/// Receiver of what a ``ServerProcess`` produces. All calls come from the server's thread, which
/// they must not block for long.
package protocol ServerOutput: AnyObject {
  /// Receives a report of the core.
  func receive(_ report: Report, at now: Moment)
  /// Receives a state to store, without waiting for the disk.
  func checkpoint(_ state: ServerState)
  /// Receives the time, about ten times a second.
  func tick(at now: Moment)
}
