package import Coordination
import Foundation
import Storage

/// The list of keys of a running server, read again when its file changes.
package final class KeyRing {
  private struct Identity: Equatable {
    let file: UInt64
    let size: Int64
    let mode: mode_t
    let seconds: Int
    let nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (file, size) = (UInt64(status.st_ino), Int64(status.st_size))
      mode = status.st_mode
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  /// The keys.
  package private(set) var list: KeyList
  private let path: String?
  /// The time of the next expiry of a key.
  private var nextExpiry: UInt64?
  private var identity: Identity?
  private var hasChanged = false
  private var failure: (any Error)?

  /// Creates a ring of fixed keys.
  package init(_ list: KeyList) {
    self.list = list
    path = nil
    nextExpiry = list.nextExpiry(after: WallClock.seconds)
  }

  /// Creates the ring of the list in a file.
  ///
  /// - Throws: ``AccessError`` or ``FileError``.
  package init(path: String) throws {
    self.path = path
    identity = Identity(path)
    list = try KeyListFile.read(path)
    nextExpiry = list.nextExpiry(after: WallClock.seconds)
  }

  /// Reads the file again if it has changed. If it cannot be used, the former keys stay valid.
  package func refresh() {
    guard let path, let current = Identity(path), current != identity else { return }
    identity = current
    do {
      list = try KeyListFile.read(path)
      nextExpiry = list.nextExpiry(after: WallClock.seconds)
      hasChanged = true
    } catch {
      failure = error
    }
  }

  /// Returns whether keys have changed or expired since the last call.
  ///
  /// - Throws: ``AccessError`` or ``FileError`` of a file that could not be used, once.
  package func takeChange() throws -> Bool {
    refresh()
    if let failure = failure.take() { throw failure }
    defer { hasChanged = false }
    return hasExpired() || hasChanged
  }

  /// Returns whether a key has expired since the last call.
  private func hasExpired() -> Bool {
    let now = WallClock.seconds
    guard let expiry = nextExpiry, now >= expiry else { return false }
    nextExpiry = list.nextExpiry(after: now)
    return true
  }

  /// Returns the credential of a public key if it is valid now.
  package func credential(of publicKey: String) -> Credential? {
    list.credential(of: publicKey, at: WallClock.seconds)
  }
}

/// The time of day.
enum WallClock {
  /// Seconds since 1970.
  static var seconds: UInt64 { UInt64(max(0, time(nil))) }
}
