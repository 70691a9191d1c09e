/// The sanitizer that the tests and the program are built with, by `scripts/test --sanitize`.
package enum Sanitizer: String, Sendable {
  /// Accesses outside of memory that is in use.
  case address
  /// Data races.
  case thread
  /// Undefined behaviour of the code in C.
  case undefined

  #if ADDRESS_SANITIZER
    /// The sanitizer of this build.
    package static let current: Sanitizer? = .address
  #elseif THREAD_SANITIZER
    /// The sanitizer of this build.
    package static let current: Sanitizer? = .thread
  #elseif UNDEFINED_SANITIZER
    /// The sanitizer of this build.
    package static let current: Sanitizer? = .undefined
  #else
    /// The sanitizer of this build: none.
    package static let current: Sanitizer? = nil
  #endif

  /// Whether this build replaces the C library's memory allocator, so that memory is neither
  /// returned nor limited as usual.
  package static var replacesAllocator: Bool { current == .address || current == .thread }
}
