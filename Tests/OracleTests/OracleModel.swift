import Foundation
import Learning
import Numerics
import Storage
import Testing

/// A model with its data and training, computed by TensorFlow in float64.
struct OracleModel {
  /// The metadata of the file.
  struct Case: Decodable {
    let units: Int
    let timeSteps: Int
    let features: Int
    let classes: Int
    let batchSize: Int
    let normalization: String
    let slices: Int
    let clip: String
    let bound: Float
    let learningRate: Float
    /// The number of layers; nil means one.
    let layers: Int?
  }

  let about: Case
  let shape: ModelShape
  let clip: Clip
  /// [steps]: the mean loss of each step's batch.
  let losses: [Float]
  /// [steps]: the norm of each step's gradient before clipping.
  let norms: [Float]
  private let file: Safetensors
  private let pixels: [Float]
  private let labels: [UInt8]

  init(_ file: Safetensors) throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    about = try decoder.decode(Case.self, from: Data(#require(file.metadata["case"]).utf8))
    shape = ModelShape(
      timeSteps: about.timeSteps, features: about.features, units: about.units,
      layers: about.layers ?? 1, classes: about.classes,
      normalization: try #require(Normalization(rawValue: about.normalization)))
    let bound = about.clip == "none" ? "none" : "\(about.clip):\(about.bound)"
    clip = try #require(Clip(bound))
    losses = try #require(file["loss"]).values
    norms = try #require(file["norm"]).values
    pixels = try #require(file["pixels"]).values
    labels = try #require(file["labels"]).values.map { UInt8($0) }
    self.file = file
  }

  /// Returns the batch of a step, counted from 0.
  func batch(_ step: Int) -> Minibatch {
    let first = step * about.batchSize % labels.count
    let rows = first..<first + about.batchSize
    let length = shape.sampleLength
    return Minibatch(
      pixels: Array(pixels[rows.lowerBound * length..<rows.upperBound * length]),
      labels: Array(labels[rows]))
  }

  /// Returns the tensor with the given name, which must be in the file.
  func values(_ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws -> [Float] {
    try #require(file[name], "\(name)", sourceLocation: sourceLocation).values
  }

  /// Returns the flat vector of weights at the "start", or "after1", "after10" or "after100" steps.
  func weights(_ time: String) throws -> [Float] {
    try shape.layout.entries.flatMap { try values("\(time)/\($0.name)") }
  }

  /// Loads weights into a classifier, trains on a batch in `slices` slices (by default, the number
  /// in the file), and returns the sum of the contributions and the mean loss.
  func train(
    _ classifier: Classifier, weights: [Float], step: Int, slices: Int? = nil
  ) -> (contribution: [Float], loss: Double) {
    let (size, count) = (about.batchSize, slices ?? about.slices)
    let ranges = (0..<count).map { size * $0 / count..<size * ($0 + 1) / count }
    classifier.load(weights: weights)
    let results = classifier.train(
      minibatch: batch(step), slices: ranges, divisor: size, sliceCount: count)
    var sum = [Float](repeating: 0, count: shape.layout.count)
    for result in results { Kernels().add(into: &sum, result.contribution) }
    return (sum, results.reduce(0) { $0 + $1.sums.lossSum } / Double(size))
  }

  /// Creates a classifier with a workspace for one batch.
  func classifier() -> Classifier { Classifier(shape: shape, maximumRows: about.batchSize) }
}
