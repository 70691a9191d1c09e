import Foundation

/// Whether the server of a run listens: it writes its endpoint into the run's folder then. A file
/// that was there before says nothing, and stays: it may belong to a server that runs.
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

  /// The file in a run's folder, before its server is started.
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
