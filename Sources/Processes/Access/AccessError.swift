import Coordination

/// An error of a file with keys or of an invitation.
package enum AccessError: Error, Equatable, CustomStringConvertible {
  /// Other users can read or change a file that contains a secret.
  case exposed(path: String)
  /// A file does not contain what it should, for this reason.
  case malformed(path: String, reason: String)
  /// A text is not an invitation.
  case notAnInvitation(source: String)
  /// A text is the invitation of a server that had not started, so it names no endpoint.
  case early
  /// The role of an invitation is not that of a worker.
  case role(String)
  /// No run with keys is in the folder.
  case noKeys(folder: String)
  /// The name is not that of a key.
  case name(String)
  /// The list has no key of this name that is not revoked.
  case unknown(name: String)
  /// The list has a valid key of this name.
  case taken(name: String)

  /// One line: the fault, its place and a remedy.
  package var description: String {
    switch self {
    case .exposed(let path):
      "\(path) can be read or changed by other users; run chmod go= on it, and replace its keys "
        + "if it was exposed"
    case .malformed(let path, let reason):
      "\(path) is damaged: \(reason); restore it, or remove it and invite the workers again"
    case .notAnInvitation(let source):
      "\(source) is not an invitation; use the file 'invitation' of the server's run, or its text"
    case .early:
      "the invitation names no endpoint, since its server had not started; copy it again, or use "
        + "its file, which is read until it does"
    case .role(let role):
      "the invitation is for the role \(role); use one for the other role (keys invite --role)"
    case .noKeys(let folder):
      "\(folder) has no keys; start a server with --run \(folder) and a tcp endpoint"
    case .name(let name):
      "'\(name)' cannot be the name of a key; use 1 to 64 letters, digits, dots, hyphens and "
        + "underscores"
    case .unknown(let name): "there is no key named \(name); tributary keys list shows the names"
    case .taken(let name):
      "there is a key named \(name); use another name, or tributary keys rotate \(name)"
    }
  }
}
