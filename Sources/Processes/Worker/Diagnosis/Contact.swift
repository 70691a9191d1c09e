/// The stage of a worker's contact with its server.
package enum Contact: Sendable, Hashable {
  /// No session: the worker sends hellos, or waits for the answer to one.
  case searching
  /// In a session, without weights so far.
  case welcomed
  /// In a session, with weights.
  case serving
}
