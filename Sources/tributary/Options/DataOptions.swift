import ArgumentParser
import Foundation
import Numerics
import Storage

/// Where the samples come from, and what computes with them.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with the four IDX files, or 'generated' for built-in digits.",
      discussion: "Without it: MNIST_DIR, then data/mnist, then generated digits.",
      valueName: "dir|generated"))
  var data: String?

  @Option(help: "Vector code: avx512, avx2 or plain; all give the same bits. (default: the widest)")
  var kernels: String?

  /// Loads the dataset; where none is at hand and none was named, says so and generates digits.
  func load(quietly: Bool = false) throws -> Dataset { try loadWithSource(quietly: quietly).0 }

  /// Loads the dataset as ``load(quietly:)`` does, and returns its source as well.
  func loadWithSource(quietly: Bool = false) throws -> (Dataset, DataSource) {
    let (source, notice) = try DataSource.resolve(
      flag: data, environment: ProcessInfo.processInfo.environment)
    if let notice, !quietly { Console.shared.line(notice) }
    return (try Dataset.load(source), source)
  }

  /// The kernels to compute with.
  func selectedKernels() throws -> Kernels { try Self.kernels(named: kernels) }

  /// The kernels of a name, or the widest that this processor has.
  ///
  /// - Throws: `ValidationError`, naming those that there are.
  static func kernels(named name: String?) throws -> Kernels {
    guard let name else { return Kernels() }
    guard let variant = KernelVariant(rawValue: name),
      KernelVariant.supported.contains(variant)
    else {
      let names = KernelVariant.supported.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--kernels cannot be '\(name)'; this processor has \(names)")
    }
    return Kernels(variant)
  }

  /// The source as worker processes of this host are told it.
  func workerArguments() throws -> [String] {
    let (source, _) = try DataSource.resolve(
      flag: data, environment: ProcessInfo.processInfo.environment)
    let kernelArguments = kernels.map { ["--kernels", $0] } ?? []
    switch source {
    case .folder(let folder): return ["--data", folder] + kernelArguments
    case .generated(let count): return ["--data", "generated:\(count)"] + kernelArguments
    }
  }
}
