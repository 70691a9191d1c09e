import Foundation

/// Reasons of the operating system for a failed operation, in the words of `strerror`.
package enum SystemReason {
  /// Returns the text of an error number, by default that of the last system call.
  package static func text(code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }

  /// Returns the text of an error: that of its error number if Foundation threw it, otherwise its
  /// own description.
  package static func text(of error: any Error) -> String {
    guard isFoundations(error) else { return "\(error)" }
    return text(code: code(of: error as NSError) ?? EIO)
  }

  private static func isFoundations(_ error: any Error) -> Bool {
    error is CocoaError || error is POSIXError || type(of: error) is NSError.Type
  }

  /// The error number of an error, or of the first underlying one that has one.
  private static func code(of error: NSError) -> Int32? {
    if error.domain == NSPOSIXErrorDomain { return Int32(error.code) }
    if let underlying = error.userInfo[NSUnderlyingErrorKey] as? any Error,
      let code = code(of: underlying as NSError)
    {
      return code
    }
    guard error.domain == NSCocoaErrorDomain else { return nil }
    return switch CocoaError.Code(rawValue: error.code) {
    case .fileNoSuchFile, .fileReadNoSuchFile: ENOENT
    case .fileReadNoPermission, .fileWriteNoPermission: EACCES
    case .fileWriteOutOfSpace: ENOSPC
    case .fileWriteFileExists: EEXIST
    case .fileWriteVolumeReadOnly: EROFS
    default: nil
    }
  }
}

extension FileError {
  /// Whether the system failed to read a file, whose content is therefore unknown.
  var isUnreadable: Bool {
    if case .unreadable = self { true } else { false }
  }

  /// Whether the process, or the host, had no descriptor left for the file.
  package var isOutOfDescriptors: Bool {
    switch self {
    case .unreadable(_, let reason), .unwritable(_, _, let reason):
      [EMFILE, ENFILE].contains { reason == SystemReason.text(code: $0) }
    default: false
    }
  }

  /// Whether a write failed because the disk, or the user's quota, is full.
  package var isOutOfSpace: Bool {
    guard case .unwritable(_, _, let reason) = self else { return false }
    return [ENOSPC, EDQUOT].contains { reason == SystemReason.text(code: $0) }
  }
}
