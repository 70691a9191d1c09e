import Coordination
import Learning
import Wire
package import ZeroMQ

/// A peer that watches a run with an observer's key: it receives the settings once and the progress
/// as often as it requests it.
package final class RunObserver {
  /// The state of a run as an observer sees it.
  package struct Observation: Sendable, Equatable {
    /// Name of the recipe, and `sync`, `async` or `bounded`.
    package let recipe: String, mode: String
    /// Number of samples in the weights.
    package let samples: UInt64
  }

  private let connection: any Connection
  private let clock = MonotonicClock()
  private var settings: TrainingSettings?
  private var number: UInt32 = 0

  private static let turn = 100
  /// Time for a server to answer at one of several endpoints.
  private static let attemptTime = Duration.seconds(2)

  /// Creates an observer that is about to connect.
  ///
  /// - Throws: ``AccessError`` or a ``StorageError`` if the location cannot be used;
  ///   ``ZeroMQError`` if an endpoint is invalid.
  package convenience init(_ location: ServerLocation, context: Context) throws {
    self.init(try ServerConnection(to: location, context: context))
  }

  init(_ connection: any Connection) {
    self.connection = connection
  }

  /// Requests the progress, and returns it.
  ///
  /// - Parameter patience: the time to wait for the server.
  /// - Throws: ``ObserverError``, or a ``ZeroMQError``.
  package func observe(within patience: Duration) throws -> Observation {
    let deadline = clock.now.advanced(by: patience)
    try send(settings == nil ? .hello(Self.hello) : .heartbeat(Heartbeat(progress: 0)))
    var attempt = clock.now
    while clock.now < deadline {
      if let observation = try next() { return observation }
      if clock.now.since(attempt) >= Self.attemptTime {
        attempt = clock.now
        _ = try connection.tryNext()
      }
      var poller = Poller<Int>()
      connection.add(to: &poller, as: 0)
      _ = try poller.wait(milliseconds: Self.turn)
      try checkConnection()
    }
    throw ObserverError.silent(endpoint: connection.endpoint)
  }

  /// Handles the next message; returns the progress if it contains that.
  private func next() throws -> Observation? {
    switch try connection.receive() {
    case nil: return nil
    case .malformed(let reason)?: throw ObserverError.refused(reason)
    case .message(let message)?:
      switch message.message {
      case .welcome(let welcome):
        settings = try TrainingSettings(welcome.settings)
        try send(.heartbeat(Heartbeat(progress: 0)))
      case .heartbeat(let heartbeat):
        return settings.map {
          Observation(
            recipe: $0.recipe.name, mode: $0.mode.rawValue, samples: heartbeat.progress)
        }
      case .refusal(let refusal): throw ObserverError.refused(refusal.detail)
      default: break
      }
      return nil
    }
  }

  private func checkConnection() throws {
    for event in try connection.takeEvents() {
      switch event {
      case .denied: throw ConnectionFault(.unauthorized, endpoint: connection.endpoint)
      case .disconnected: throw ObserverError.ended(endpoint: connection.endpoint)
      default: break
      }
    }
  }

  private func send(_ message: Message) throws(ZeroMQError) {
    number += 1
    try connection.send(NumberedMessage(message, number: number))
  }

  private static var hello: Hello { Hello(name: "observer", incarnation: 1, dataset: "") }
}

/// The end of an observation.
package enum ObserverError: Error, Equatable, CustomStringConvertible {
  /// The server did not answer in time.
  case silent(endpoint: String)
  /// The server closed the connection.
  case ended(endpoint: String)
  /// The server refused the observer, for this reason.
  case refused(String)

  /// One line: the fault and its place.
  package var description: String {
    switch self {
    case .silent(let endpoint):
      "no answer of \(endpoint) in time; check that the server is running"
    case .ended(let endpoint): "the server at \(endpoint) closed the connection"
    case .refused(let reason): "the server refused this observer: \(reason)"
    }
  }
}
