import Storage
import TestSupport
import Testing
import Wire

@Suite struct DataSourceTests {
  private func resolve(
    _ flag: String?, _ environment: [String: String] = [:], defaultFolder: String = "/nowhere"
  ) throws -> (source: DataSource, notice: String?) {
    try DataSource.resolve(
      flag: flag, environment: environment, defaultFolder: defaultFolder)
  }

  @Test func takesTheFlagBeforeTheEnvironment() throws {
    let (source, notice) = try resolve("/a", ["MNIST_DIR": "/b"])
    #expect(source == .folder("/a"))
    #expect(notice == nil)
  }

  @Test func takesTheEnvironmentBeforeTheDefaultFolder() throws {
    let folder = try TemporaryFolder()
    try IDXFolder().write(to: folder)
    let (source, notice) = try resolve(nil, ["MNIST_DIR": "/b"], defaultFolder: folder.path)
    #expect(source == .folder("/b"))
    #expect(notice == nil)
  }

  @Test func takesTheDefaultFolderIfItHasData() throws {
    let folder = try TemporaryFolder()
    try IDXFolder().write(to: folder)
    let (source, notice) = try resolve(nil, ["MNIST_DIR": ""], defaultFolder: folder.path)
    #expect(source == .folder(folder.path))
    #expect(notice == nil)
  }

  @Test func fallsBackToGeneratedDigitsWithANoticeOfOneLine() throws {
    let empty = try TemporaryFolder()
    for folder in ["/nowhere", empty.path] {
      let (source, notice) = try resolve(nil, defaultFolder: folder)
      #expect(source == .generatedDigits)
      #expect(notice?.contains("generated digits") == true)
      #expect(notice?.contains("scripts/fetch-mnist") == true)
      #expect(notice?.contains("\n") == false)
    }
  }

  @Test func takesADefaultFolderThatLacksAFile() throws {
    let folder = try TemporaryFolder()
    try folder.write([], "train-images-idx3-ubyte.gz")
    #expect(try resolve(nil, defaultFolder: folder.path).source == .folder(folder.path))
  }

  @Test func theWordGeneratedSelectsGeneratedDigits() throws {
    #expect(try resolve("generated", ["MNIST_DIR": "/b"]).source == .generatedDigits)
    #expect(try resolve(nil, ["MNIST_DIR": "generated"]).source == .generatedDigits)
    #expect(try resolve("generated:250").source == .generated(trainingImages: 250))
  }

  @Test(arguments: ["", "x", "-1", "99", "1000001", "99999999999999999999"])
  func rejectsAnInvalidNumberOfGeneratedImages(text: String) {
    #expect(
      throws: DatasetError.generatedCount(text: text, minimum: 100, maximum: 1_000_000)
    ) {
      try resolve("generated:" + text)
    }
  }

  @Test func loadsGeneratedDigits() throws {
    let dataset = try Dataset.load(.generated(trainingImages: 100))
    #expect(dataset.name == "generated digits")
    #expect((dataset.height, dataset.width, dataset.classes) == (28, 28, 10))
    #expect((dataset.count(.train), dataset.count(.validation)) == (80, 20))
    #expect(dataset.count(.test) == 20)
  }
}
