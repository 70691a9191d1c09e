import Foundation

/// The file in a run's folder into which the server writes its endpoints once it listens. An older
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

  private let folder: String
  private let path: String
  private let former: Identity?

  /// Creates a watch on the file in a run's folder, before the run's server is started.
  init(in folder: String) {
    self.folder = folder
    path = folder + "/endpoint"
    former = Identity(path)
  }

  /// The endpoint that the server listens at, once it has written the file.
  var endpoint: String? {
    guard let identity = Identity(path), identity != former,
      !RunFolder.publishedEndpoints(folder).isEmpty
    else { return nil }
    return RunFolder.lastEndpoint(folder)
  }
}
