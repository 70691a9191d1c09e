import Foundation
import Storage

/// The memory that this process can still allocate without swapping.
package enum AvailableMemory {
  /// The number of bytes: what the host reports as available, or the rest of the limit of a control
  /// group of this process, whichever is less; nil if the system does not report it.
  package static var bytes: Double? {
    ([hostBytes] + controlGroups.map(rest)).compactMap { $0 }.min()
  }

  private static var hostBytes: Double? {
    guard let text = text("/proc/meminfo") else { return nil }
    return field("MemAvailable:", of: text).map { $0 * 1024 }
  }

  /// A control group with a limit: the files with its limit and its use in bytes.
  private struct ControlGroup {
    let folder: String
    let limit: String
    let use: String
  }

  /// The control groups of this process and those above them, in both versions.
  private static var controlGroups: [ControlGroup] {
    (text("/proc/self/cgroup") ?? "").split(separator: "\n").flatMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [ControlGroup]() }
      if parts[0] == "0", parts[1].isEmpty {
        return folders(String(parts[2]), in: "/sys/fs/cgroup").map {
          ControlGroup(folder: $0, limit: "memory.max", use: "memory.current")
        }
      }
      guard parts[1].split(separator: ",").contains("memory") else { return [] }
      return folders(String(parts[2]), in: "/sys/fs/cgroup/memory").map {
        ControlGroup(folder: $0, limit: "memory.limit_in_bytes", use: "memory.usage_in_bytes")
      }
    }
  }

  /// Returns the folder of a group and those of the groups above it.
  private static func folders(_ path: String, in root: String) -> [String] {
    var names = path.split(separator: "/")
    var folders = [root]
    while !names.isEmpty {
      folders.append(root + "/" + names.joined(separator: "/"))
      names.removeLast()
    }
    return folders
  }

  /// Returns what a group may still allocate, if it has a limit. File pages that are not in use
  /// count as free.
  private static func rest(of group: ControlGroup) -> Double? {
    guard let limit = number("\(group.folder)/\(group.limit)"),
      let use = number("\(group.folder)/\(group.use)")
    else { return nil }
    let cached = text(group.folder + "/memory.stat").flatMap { field("inactive_file", of: $0) }
    return max(limit - use + (cached ?? 0), 0)
  }

  private static func number(_ path: String) -> Double? {
    text(path).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// Returns the number after a name in the lines of a text.
  static func field(_ name: String, of text: String) -> Double? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == name { return Double(words[1]) }
    }
    return nil
  }

  /// Returns the content of a file of the kernel, whose size is not known before it is read.
  private static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }
}
