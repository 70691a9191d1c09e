import Foundation

/// The paths of the four files of a data set in one folder.
///
/// All common names are found: MNIST's (`train-images-idx3-ubyte`), with a dot
/// (`train-images.idx3-ubyte`), and with a prefix and `test` instead of `t10k` (EMNIST's
/// `emnist-letters-test-images-idx3-ubyte`), each plain or with `.gz`.
struct DatasetFolder {
  let trainImages: String
  let trainLabels: String
  let testImages: String
  let testLabels: String

  /// Finds the four files in `folder`; prefers MNIST's own names, and plain to compressed files.
  init(_ folder: String) throws(DatasetError) {
    guard let names = Self.names(in: folder) else { throw .noFolder(folder: folder) }
    func find(_ role: Role) throws(DatasetError) -> String {
      try role.find(in: names, folder: folder)
    }
    trainImages = try find(.trainImages)
    trainLabels = try find(.trainLabels)
    testImages = try find(.testImages)
    testLabels = try find(.testLabels)
  }

  /// Whether `folder` contains any of the four files and is therefore meant to be a data set.
  static func looksLikeOne(_ folder: String) -> Bool {
    let names = names(in: folder) ?? []
    return Role.all.contains { role in names.contains { role.matches($0) } }
  }

  private static func names(in folder: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }
}

/// One of the four files of a data set.
private struct Role {
  /// The names of the set in file names, MNIST's own name first.
  let sets: [String]
  /// The parts after it: "images" and "idx3", or "labels" and "idx1".
  let kind: (content: String, format: String)

  static let trainImages = Role(sets: ["train"], kind: ("images", "idx3"))
  static let trainLabels = Role(sets: ["train"], kind: ("labels", "idx1"))
  static let testImages = Role(sets: ["t10k", "test"], kind: ("images", "idx3"))
  static let testLabels = Role(sets: ["t10k", "test"], kind: ("labels", "idx1"))
  static let all = [trainImages, trainLabels, testImages, testLabels]

  var canonicalName: String { "\(sets[0])-\(kind.content)-\(kind.format)-ubyte" }

  private var endings: [String] {
    sets.flatMap { set in
      ["-", "."].map { "\(set)-\(kind.content)\($0)\(kind.format)-ubyte" }
    }
  }

  func matches(_ name: String) -> Bool {
    let plain = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
    return !name.hasPrefix(".") && endings.contains { plain.hasSuffix($0) }
  }

  func find(in names: [String], folder: String) throws(DatasetError) -> String {
    for name in [canonicalName, canonicalName + ".gz"] where names.contains(name) {
      return "\(folder)/\(name)"
    }
    let candidates = names.filter { matches($0) && !names.contains(String($0.dropLast(3))) }
    guard let first = candidates.first else {
      throw .missingFile(folder: folder, file: canonicalName)
    }
    guard candidates.count == 1 else {
      throw .ambiguousFile(folder: folder, file: canonicalName, candidates: candidates)
    }
    return "\(folder)/\(first)"
  }
}
