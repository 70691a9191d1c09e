import Foundation

/// The file in a run's folder into which the server writes its endpoint once it listens. An older
/// file has no meaning, and is kept: it may belong to a server that runs.
struct EndpointFile {
  private struct Identity: Equatable {
    let file: UInt64
    let seconds: Int
    let nanoseconds: Int

    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      file = UInt64(status.st_ino)
      (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
  }

  private let path: String
  private let former: Identity?

  /// Creates a watch on the file in a run's folder, before the run's server is started.
  init(in folder: String) {
    path = folder + "/endpoint"
    former = Identity(path)
  }

  /// The endpoint, once the server has written it.
  var endpoint: String? {
    guard let identity = Identity(path), identity != former,
      let data = FileManager.default.contents(atPath: path)
    else { return nil }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    return Endpoint.isConnectable(text) ? text : nil
  }
}
