import Foundation
import TestSupport
import Testing

/// Invalid data sets, models and run folders.
@Suite(.serialized, .limit(minutes: 2))
struct BadFileTests {
  /// A kind of damage to a data set, and the words of its message.
  enum Damage: CaseIterable {
    case noFolder, missingFile, truncated, truncatedGzip, garbageGzip, swapped, labelOutOfRange
    case countsDiffer, sizesDiffer, empty

    var naming: [String] {
      switch self {
      case .noFolder: ["data", "no such folder", "--data generated"]
      case .missingFile: ["t10k-labels-idx1-ubyte", "missing", "scripts/fetch-mnist"]
      case .truncated, .truncatedGzip, .garbageGzip, .empty: ["train-images-idx3-ubyte"]
      case .swapped: ["train-images-idx3-ubyte"]
      case .labelOutOfRange: ["t10k-labels-idx1-ubyte", "200", "0 to 2"]
      case .countsDiffer: ["train-labels-idx1-ubyte", "95", "96"]
      case .sizesDiffer: ["t10k-images-idx3-ubyte", "7x5", "6x5"]
      }
    }

    func make(in folder: TemporaryFolder) throws {
      var shapes = Shapes()
      let images = "data/train-images-idx3-ubyte"
      switch self {
      case .noFolder: return
      case .truncated: shapes.trainImages.removeLast(7)
      case .empty: shapes.trainImages = []
      case .swapped: swap(&shapes.trainImages, &shapes.trainLabels)
      case .labelOutOfRange: shapes.testLabels[20] = 200
      case .countsDiffer: shapes.trainLabels = Shapes.labels(95)
      case .sizesDiffer: shapes.testImages = Shapes.images(24, height: 7)
      case .missingFile, .truncatedGzip, .garbageGzip: break
      }
      try shapes.write("data", in: folder)
      switch self {
      case .missingFile: try folder.remove("data/t10k-labels-idx1-ubyte")
      case .truncatedGzip, .garbageGzip:
        try folder.remove(images)
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
        try folder.write(header + (self == .garbageGzip ? Array(1...99) : []), images + ".gz")
      default: break
      }
    }
  }

  @Test(arguments: Damage.allCases)
  func invalidDataAreRefusedByEveryCommand(damage: Damage) async throws {
    let folder = try TemporaryFolder()
    try damage.make(in: folder)
    let commands = [
      damage == .missingFile ? "train" : "server", "worker --connect ipc://nowhere", "digits",
    ]
    for command in commands {
      let call = WrongCall("\(command) --data data", named: damage.naming)
      try await call.check(status: 65, in: folder)
    }
    #expect(!folder.exists("runs"))
  }

  @Test func invalidDataInTheEnvironmentAreRefused() async throws {
    let folder = try TemporaryFolder()
    let end = try await run("digits", in: folder, environment: ["MNIST_DIR": "elsewhere"])
    #expect(end.status == 65 && end.errors.contains("elsewhere"), "\(end.errors)")
  }

  // MARK: Run folders

  @Test func aRunFolderThatCannotBeCreatedIsNamed() async throws {
    let folder = try Training.folder()
    try folder.write([1], "file")
    for command in ["train", "server"] {
      let call = WrongCall(
        "\(command) --data shapes --run file/run", "file/run", "check the folder")
      try await call.check(status: 74, in: folder)
    }
  }

  @Test func aMissingTemporaryFolderIsNamed() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --run run", in: folder, environment: ["TMPDIR": "/nowhere"])
    #expect(end.status == 74 && end.errorLines.count == 1, "\(end.errors)")
    #expect(end.errors.hasPrefix("tributary: /nowhere: creating"), "\(end.errors)")
  }

  @Test func aLongPathToTemporaryFilesIsAccepted() async throws {
    let folder = try Training.folder()
    let long = String(repeating: "long-", count: 30)
    try folder.write([], long + "/file")
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 3 --run run", in: folder,
      environment: ["TMPDIR": folder.file(long)])
    #expect(end.status == 0, "\(end.errors)")
  }

  @Test(arguments: ["endpoint", "settings.json", "metrics.jsonl"])
  func aFileOfTheRunThatCannotBeWrittenIsNamed(name: String) async throws {
    let folder = try Training.folder()
    try folder.write([], "run/\(name)/in-the-way")
    let end = try await run("train --data shapes --run run", in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(end.names("run/\(name): ", "check the folder"), "\(end.errors)")
    #expect(end.errorLines.count <= 2, "\(end.errors)")
  }

  @Test(arguments: ["model.safetensors", "report.json"])
  func aResultThatCannotBeWrittenIsNamed(name: String) async throws {
    let folder = try Training.folder()
    try folder.write([], "run/\(name)/in-the-way")
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 3 --run run", in: folder)
    #expect(end.status == 74, "\(end.errors)")
    #expect(end.names("run/\(name): ", "check the folder"), "\(end.errors)")
  }

  // MARK: Models

  @Test(arguments: [
    WrongCall("missing.safetensors", "missing.safetensors", "no such file"),
    WrongCall("/dev/zero", "/dev/zero", "not a regular file"),
  ])
  func aModelThatIsNoFileIsNamed(model: WrongCall) async throws {
    let call = WrongCall("evaluate --data shapes \(model.line)", named: model.naming)
    try await call.check(status: 74, in: Training.folder())
  }

  @Test func anInvalidModelIsNamed() async throws {
    let folder = try Training.folder()
    let model = try await Training.reference
    try folder.write(model.dropLast(9), "truncated.safetensors")
    try folder.write([], "empty.safetensors")
    try folder.write(Array("not a model at all".utf8), "text.safetensors")
    let header = Array(#"{"__metadata__":{"format":"pt"}}"#.utf8)
    let length = [UInt8(header.count)] + [UInt8](repeating: 0, count: 7)
    try folder.write(length + header, "other.safetensors")
    for name in ["truncated", "empty", "text", "other"] {
      let call = WrongCall("evaluate --data shapes \(name).safetensors", "\(name).safetensors: ")
      try await call.check(status: 65, in: folder)
    }
  }

  @Test func aModelForOtherImagesIsNamed() async throws {
    let folder = try Training.folder()
    try folder.write(await Training.reference, "model.safetensors")
    let call = WrongCall(
      "evaluate --data generated:100 model.safetensors", "6x5", "3 classes", "28x28", "10", "--data"
    )
    try await call.check(status: 65, in: folder)
  }
}

extension Program.End {
  /// Whether one error message begins with `subject` and contains `remedy`.
  fileprivate func names(_ subject: String, _ remedy: String) -> Bool {
    errorLines.contains { $0.hasPrefix("tributary: " + subject) && $0.contains(remedy) }
  }
}
