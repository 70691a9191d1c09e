import ArgumentParser
import Coordination
import Learning
import Numerics
import Processes
import Storage
import Telemetry
import Wire

/// `tributary evaluate`: loss, accuracy, precision, recall and confusion matrix of a trained model.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a trained model on a whole split.",
    discussion: """
      The model is a model file, a checkpoint, or the folder of a run: its model.safetensors or, \
      if it has none yet, its newest valid checkpoint.
      """)

  @Argument(
    help: ArgumentHelp(
      "A model file, a checkpoint, or the folder of a run.", valueName: "model.safetensors"),
    completion: .file())
  var model: String

  @Option(help: "Split to evaluate: train, validation or test.", completion: Split.completion)
  var split = "test"

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var data: DataOptions

  func run() throws {
    try Failure.report {
      let split = try Split(option: split)
      let kernels = try data.testedKernels()
      let (file, path) = try ModelFile.find(model) { Console.shared.line("warning: \($0)") }
      let dataset = try data.load()
      try check(file, path, fits: dataset)
      let report = Self.evaluate(file, path, dataset, split, kernels)
      let text = json ? String(decoding: try report.json(), as: UTF8.self) : report.table + "\n"
      try StandardOutput.write(text)
    }
  }

  private func check(_ file: ModelFile, _ path: String, fits dataset: Dataset) throws {
    guard (file.height, file.width) == (dataset.height, dataset.width),
      file.shape.classes == dataset.classes
    else {
      throw Failure.exit(
        .badData,
        "\(path) is a model for \(file.height)x\(file.width) images in \(file.shape.classes) "
          + "classes, \(dataset.name) has \(dataset.height)x\(dataset.width) in "
          + "\(dataset.classes); use --data with the same kind of images")
    }
  }

  private static func evaluate(
    _ file: ModelFile, _ path: String, _ dataset: Dataset, _ split: Split, _ kernels: Kernels
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
      model: path, dataset: dataset.name, split: "\(split)", sums: total, confusion: confusion)
  }
}

extension Split {
  /// The names of all splits, for a shell.
  static let completion = CompletionKind.list(allCases.map { "\($0)" })

  /// Creates the split that an option names.
  ///
  /// - Throws: `ValidationError` with the value and the allowed values.
  init(option text: String) throws {
    guard let split = Split.allCases.first(where: { "\($0)" == text }) else {
      throw ValidationError("--split cannot be '\(text)'; use train, validation or test")
    }
    self = split
  }
}
