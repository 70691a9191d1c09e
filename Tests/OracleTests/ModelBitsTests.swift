import Foundation
import Learning
import Numerics
import Storage
import TestSupport
import Testing

/// The models of all recipes after 60 steps, to the bit: the same on every processor, with every
/// number of workers, and in every version that does not change the mathematics on purpose.
@Suite struct ModelBitsTests {
  /// A recipe and the first 16 digits of the SHA-256 of its tensors, which are the bytes of the
  /// model file after its header.
  struct Bits: Sendable, CustomTestStringConvertible {
    let recipe: Recipe
    let digest: String

    var testDescription: String { "\(recipe.name), \(recipe.precision.rawValue)" }

    init(_ recipe: Recipe, _ digest: String, precision: Precision = .float32) {
      var recipe = recipe
      recipe.length = .steps(60)
      recipe.precision = precision
      self.recipe = recipe
      self.digest = digest
    }
  }

  private static let generated = Result { try Dataset.load(.generatedDigits) }
  private static let mnist = ProcessInfo.processInfo.environment["MNIST_DIR"].map { folder in
    Result { try Dataset.load(.folder(folder)) }
  }

  @Test(arguments: [
    Bits(.tutorial, "df918e0cf219e8e2"), Bits(.v1, "22fc62cefa65b9b0"),
    Bits(.v2, "2f1ec13e28ce15fb"), Bits(.v3, "5433dc60399821e7"),
    Bits(.v3AsRun, "526d036c1c166d0b"), Bits(.best, "42d6df32b65c723f"),
    Bits(.tutorial, "57d7be3ef1bb496d", precision: .bfloat16),
  ])
  func sixtyStepsOnGeneratedDigitsGiveTheseBits(expected: Bits) throws {
    #expect(try Self.digest(of: expected.recipe, Self.generated.get()) == expected.digest)
  }

  @Test(
    .enabled(if: mnist != nil, "set MNIST_DIR to a folder with MNIST"),
    arguments: [
      Bits(.tutorial, "98a211c29891fabe"), Bits(.v1, "8907b59b8584f071"),
      Bits(.v2, "bde10b84601fbe4a"), Bits(.v3, "2e50acaa9f612783"),
      Bits(.v3AsRun, "ef928a0058ac387b"), Bits(.best, "adaa1ccfa2eeb909"),
      Bits(.tutorial, "634287d8840eef08", precision: .bfloat16),
    ])
  func sixtyStepsOnMNISTGiveTheseBits(expected: Bits) throws {
    let dataset = try #require(Self.mnist).get()
    #expect(try Self.digest(of: expected.recipe, dataset) == expected.digest)
  }

  /// Returns the first 16 digits of the SHA-256 of the tensors of a trained model.
  private static func digest(of recipe: Recipe, _ dataset: Dataset) throws -> String {
    var training = InProcessTraining(recipe, dataset: dataset)
    let model = try training.run()
    #expect(model.step == 60)
    let folder = try TemporaryFolder()
    let path = folder.file("model.safetensors")
    try model.write(to: path)
    let header = Int(try folder.read("model.safetensors").prefix(8).littleEndian)
    return String(try sha256(of: path, skipping: 8 + header).prefix(16))
  }

  /// Returns the SHA-256 of a file without its first bytes, computed by coreutils.
  private static func sha256(of path: String, skipping count: Int) throws -> String {
    let script = "tail -c +\(count + 1) \"$0\" | sha256sum"
    return try Command("sh", ["-c", script, path]).run().output
  }
}
