import ArgumentParser
import Coordination

/// The limits on the connections of a server. None of them affects the result.
struct ConnectionOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Greatest number of connections, with and without a session.", valueName: "number"))
  var maxConnections = 4096

  @Option(
    help: ArgumentHelp(
      "Greatest number of connections without a session; the oldest is closed for a new one.",
      valueName: "number"))
  var maxPending = 64

  @Option(
    help: ArgumentHelp(
      "Time that a connection may have no session, handshake included.", valueName: "seconds"))
  var handshakeTime = 10.0

  @Option(
    help: ArgumentHelp(
      "Connections per second that are accepted, over about ten seconds; others have to wait.",
      valueName: "number"))
  var maxConnectionRate = 100

  @Option(
    help: ArgumentHelp(
      "Messages per second of one peer from which on it is disconnected.", valueName: "number"))
  var maxMessageRate = 20_000

  func validate() throws { _ = try limits() }

  /// Returns the limits that the options describe.
  ///
  /// - Throws: `ValidationError`, naming the option, the value and the remedy.
  func limits() throws -> ConnectionGate.Limits {
    for (flag, count, most) in [
      ("--max-connections", maxConnections, 1 << 20), ("--max-pending", maxPending, 1 << 20),
      ("--max-connection-rate", maxConnectionRate, 1 << 20),
      ("--max-message-rate", maxMessageRate, 10_000_000),
    ] where !(1...most).contains(count) {
      throw ValidationError("\(flag) cannot be \(count); use 1 to \(most)")
    }
    guard (0.1...3600).contains(handshakeTime) else {
      throw ValidationError(
        "--handshake-time cannot be \(handshakeTime.optionText); use 0.1 to 3600 seconds")
    }
    var limits = ConnectionGate.Limits()
    limits.connections = maxConnections
    limits.pending = maxPending
    limits.pendingTime = .milliseconds(Int64(handshakeTime * 1000))
    limits.acceptedPerSecond = Double(maxConnectionRate)
    limits.messagesPerSecond = Double(maxMessageRate)
    return limits
  }
}
