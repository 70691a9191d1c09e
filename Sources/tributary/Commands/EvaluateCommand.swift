import ArgumentParser
import Coordination
import Foundation
import Learning
import Numerics
import Processes
import Storage
import Telemetry
import Wire

/// Loss, accuracy, precision, recall and confusions of a trained model.
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
      let report = Self.evaluate(file, model: model, dataset, split, kernels)
      try StandardOutput.write(json ? report.json() : Data((report.table + "\n").utf8))
    }
  }

  private func check(_ file: ModelFile, fits dataset: Dataset) throws {
    guard (file.height, file.width) == (dataset.height, dataset.width),
      file.shape.classes == dataset.classes
    else {
      throw Failure.exit(
        .badData,
        "\(model) is for \(file.height)x\(file.width) images in \(file.shape.classes) classes, "
          + "\(dataset.name) has \(dataset.height)x\(dataset.width) in \(dataset.classes); "
          + "name the model's kind of data with --data")
    }
  }

  private static func evaluate(
    _ file: ModelFile, model: String, _ dataset: Dataset, _ split: Split, _ kernels: Kernels
  ) -> EvaluationReport {
    let classifier = Classifier(
      shape: file.shape, maximumRows: 500, kernels: kernels,
      precision: file.settings.recipe.precision)
    classifier.load(weights: file.weights)
    var total = SampleSums()
    var confusion = ConfusionMatrix(classes: file.shape.classes)
    let count = dataset.count(split)
    for start in stride(from: 0, to: count, by: 500) {
      let minibatch = dataset.minibatch(
        split, indices: Array(start..<min(start + 500, count)), scan: file.settings.recipe.scan,
        kernels: kernels)
      total += classifier.evaluate(minibatch, confusion: &confusion)
    }
    return EvaluationReport(
      model: model, dataset: dataset.name, split: "\(split)", sums: total, confusion: confusion)
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
