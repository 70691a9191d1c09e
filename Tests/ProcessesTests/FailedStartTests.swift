import Foundation
import TestSupport
import Testing

/// A start that fails leaves no file or folder behind.
@Suite(.serialized, .limit(minutes: 2))
struct FailedStartTests {
  private let folder: TemporaryFolder

  init() throws { folder = try Training.folder() }

  /// The files and folders below the folder, except those of the test itself.
  private func contents() throws -> Set<String> {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return Set(names.filter { !$0.hasPrefix(".") && !$0.hasPrefix("shapes") })
  }

  private func expectNothingIsLeft(
    _ line: String, status: Int32, environment: [String: String] = [:]
  ) async throws {
    let before = try contents()
    let end = try await run(line, in: folder, environment: environment)
    #expect(end.status == status, "\(line): \(end.errors)")
    #expect(try contents() == before, "\(line)")
  }

  private static let commands = ["train", "server"]

  @Test(arguments: commands, ["--run new/deep/run", ""])
  func aPortInUseLeavesNoFolder(command: String, name: String) async throws {
    let other = try await Server(in: Training.folder())
    try await expectNothingIsLeft(
      "\(command) \(Training.options) --listen \(other.endpoint) \(name)", status: 75)
  }

  @Test(arguments: commands, ["--run new/deep/run", ""])
  func anUnusableEndpointLeavesNoFolder(command: String, name: String) async throws {
    for (endpoint, status) in [("udp://127.0.0.1:1", Int32(78)), ("ipc://missing/socket", 78)] {
      try await expectNothingIsLeft(
        "\(command) \(Training.options) --listen \(endpoint) \(name)", status: status)
    }
  }

  @Test(arguments: commands, ["--run new/deep/run", ""])
  func badDataLeaveNoFolder(command: String, name: String) async throws {
    try await expectNothingIsLeft("\(command) --data missing \(name)", status: 65)
    try folder.write([1, 2, 3], "bad/train-images-idx3-ubyte")
    for file in ["train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"] {
      try folder.write([1, 2, 3], "bad/" + file)
    }
    try await expectNothingIsLeft("\(command) --data bad \(name)", status: 65)
  }

  @Test(arguments: commands)
  func foldersThatExistedStay(command: String) async throws {
    let other = try await Server(in: Training.folder())
    for name in ["runs", "empty"] {
      try FileManager.default.createDirectory(
        atPath: folder.file(name), withIntermediateDirectories: false)
    }
    let line = "\(command) \(Training.options) --listen \(other.endpoint)"
    try await expectNothingIsLeft(line, status: 75)
    try await expectNothingIsLeft(line + " --run empty", status: 75)
    #expect(folder.exists("runs") && folder.exists("empty"))
  }
}
