import ArgumentParser
import Coordination
import Foundation
import Learning
import Storage
import Tensors
import Wire

/// Loss and accuracy of a trained model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a trained model on a whole split.")

  @Argument(help: ArgumentHelp("The model's file.", valueName: "model.safetensors"))
  var model: String

  @Option(help: "train, validation or test.")
  var split = "test"

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var data: DataOptions

  func run() throws {
    try Failure.report {
      let split = try Split(option: split)
      let kernels = try data.selectedKernels()
      let file = try ModelFile(path: model)
      let dataset = try data.load()
      try check(file, fits: dataset)
      let classifier = Classifier(shape: file.shape, maximumRows: 500, kernels: kernels)
      classifier.load(weights: file.weights)
      var total = ClassificationSums()
      for start in stride(from: 0, to: dataset.count(split), by: 500) {
        let indices = Array(start..<min(start + 500, dataset.count(split)))
        let part = classifier.evaluate(
          dataset.minibatch(split, indices: indices, scan: file.settings.recipe.scan))
        total.lossSum += part.lossSum
        total.correct += part.correct
        total.count += part.count
      }
      try show(EvaluationReport(model: model, dataset: dataset.name, split: split, total))
    }
  }

  private func check(_ file: ModelFile, fits dataset: Dataset) throws {
    guard (file.height, file.width) == (dataset.height, dataset.width),
      file.shape.classes == dataset.classes
    else {
      throw Failure.exit(
        Failure.Code.badData,
        "\(model) is for \(file.height)x\(file.width) images in \(file.shape.classes) classes, "
          + "\(dataset.name) has \(dataset.height)x\(dataset.width) in \(dataset.classes); "
          + "name the model's kind of data with --data")
    }
  }

  private func show(_ report: EvaluationReport) throws {
    if json {
      let encoder = JSONEncoder()
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      let accuracy = String(format: "%.2f", report.accuracy * 100)
      let loss = String(format: "%.4f", report.loss)
      print(
        "\(report.dataset) \(report.split): accuracy \(accuracy) % "
          + "(\(report.correct) of \(report.samples)), loss \(loss)")
    }
  }
}

/// What an evaluation found, as it is printed.
private struct EvaluationReport: Encodable {
  let model: String
  let dataset: String
  let split: String
  let accuracy: Double
  let loss: Double
  let correct: Int
  let samples: Int

  init(model: String, dataset: String, split: Split, _ total: ClassificationSums) {
    self.model = model
    self.dataset = dataset
    self.split = "\(split)"
    accuracy = Double(total.correct) / Double(max(total.count, 1))
    loss = total.lossSum / Double(max(total.count, 1))
    correct = total.correct
    samples = total.count
  }
}

extension Split {
  /// The split a flag names.
  ///
  /// - Throws: `ValidationError`, naming the value and the remedy.
  init(option text: String) throws {
    guard let split = Split.allCases.first(where: { "\($0)" == text }) else {
      throw ValidationError("--split cannot be '\(text)'; use train, validation or test")
    }
    self = split
  }
}
