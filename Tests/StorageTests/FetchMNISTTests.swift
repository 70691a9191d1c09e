import Foundation
import TestSupport
import Testing

private let mnist = ProcessInfo.processInfo.environment["MNIST_DIR"] ?? ""

/// Tests of `scripts/fetch-mnist` with folders as mirrors.
@Suite struct FetchMNISTTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs the script and returns its exit code and its whole output.
  private func fetch(_ arguments: [String], mirrors: [String]) throws -> (Int32, String) {
    let end = try Command(
      Repository.path("scripts/fetch-mnist"), arguments,
      environment: [
        "TRIBUTARY_MNIST_MIRRORS": mirrors.map { "file://" + $0 }.joined(separator: " ")
      ]
    ).run()
    return (end.status, end.output + end.errors)
  }

  @Test func rejectsAnUnknownOptionAndASecondFolder() throws {
    #expect(try fetch(["--fast"], mirrors: ["/nowhere"]).0 == 64)
    #expect(try fetch([folder.path, "b"], mirrors: ["/nowhere"]).0 == 64)
  }

  @Test func printsItsHelp() throws {
    let (code, output) = try fetch(["--help"], mirrors: ["/nowhere"])
    #expect(code == 0)
    #expect(output.contains("TRIBUTARY_MNIST_MIRRORS"))
  }

  @Test func reportsThatNoMirrorDelivered() throws {
    let (code, output) = try fetch([folder.file("data")], mirrors: ["/nowhere", "/neither"])
    #expect(code == 69)
    #expect(output.contains("file:///nowhere did not deliver it"))
    #expect(output.contains("file:///neither did not deliver it"))
  }

  @Test func rejectsAFileWithOtherContent() throws {
    try folder.write([1, 2, 3], "train-images-idx3-ubyte.gz")
    let target = try TemporaryFolder()
    let (code, output) = try fetch([target.path], mirrors: [folder.path])
    #expect(code == 69)
    #expect(output.contains("delivered something else"))
    #expect(try target.names().isEmpty)
  }

  @Test func reportsAFolderThatCannotBeWritten() throws {
    let file = try folder.write([], "file")
    #expect(try fetch([file + "/data"], mirrors: ["/nowhere"]).0 == 74)
  }

  @Test(.enabled(if: !mnist.isEmpty, "set MNIST_DIR to the folder with MNIST's four files"))
  func triesTheNextMirrorRepairsAndIsIdempotent() throws {
    let target = try TemporaryFolder()
    try folder.write([1], "t10k-labels-idx1-ubyte.gz")
    try target.write([2], "t10k-images-idx3-ubyte")
    let (code, output) = try fetch([target.path], mirrors: ["/nowhere", folder.path, mnist])
    #expect(code == 0, "\(output)")
    #expect(output.contains("set aside as \(target.file("t10k-images-idx3-ubyte.unverified"))"))
    #expect(try target.names().filter { $0.hasSuffix(".gz") }.count == 4)
    let again = try fetch([target.path], mirrors: ["/nowhere"])
    #expect(again.0 == 0)
    #expect(!again.1.contains("downloading"))
  }
}
