import Foundation

/// The limit on the descriptors of this process: its open files and connections.
package enum DescriptorLimit {
  /// A limit that is never exceeded, so that tables of descriptors stay small.
  private static let most: rlim_t = 1 << 18
  /// Descriptors that are kept free for files, besides those of ``DescriptorReserve``.
  private static let forFiles = 32

  /// Raises the soft limit to the hard one. Child processes inherit it.
  package static func raise() {
    guard var limit = current else { return }
    let raised = min(limit.rlim_max, most)
    guard limit.rlim_cur < raised else { return }
    limit.rlim_cur = raised
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// The number of connections for which there are descriptors besides those in use now and those
  /// for files.
  static var connections: Int {
    guard let limit = current else { return .max }
    let used = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 32
    return max(Int(min(limit.rlim_cur, most)) - used - forFiles, 1)
  }

  private static var current: rlimit? {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    return getrlimit(resource, &limit) == 0 ? limit : nil
  }
}
