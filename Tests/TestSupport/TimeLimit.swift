package import Testing

extension Trait where Self == TimeLimitTrait {
  /// A limit for tests that could hang, on the time from their start to their end, in which other
  /// tests run as well. Under a sanitizer, which makes all of them slow, it is ten times as long.
  package static func limit(minutes: Int) -> Self {
    .timeLimit(.minutes(Sanitizer.current == nil ? minutes : 10 * minutes))
  }
}
