import ArgumentParser
import Foundation
import Numerics
import Processes
import Storage

/// The options for the source of the samples and the code that computes with them.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with the four IDX files, or 'generated' for built-in digits.",
      discussion: """
        The default is the folder MNIST_DIR of the environment, then data/mnist, then generated \
        digits.
        """,
      valueName: "dir|generated"), completion: .directory)
  var data: String?

  @Option(
    help: ArgumentHelp(
      """
      Vector code: avx512, avx2 or plain. The result is the same, bit for bit. (default: the \
      widest that the processor has)
      """, valueName: "name"), completion: .list(KernelVariant.allCases.map(\.rawValue)))
  var kernels: String?

  /// The operation that the kernels' self-test finds wrong, as VARIANT:OPERATION: fault injection
  /// for tests.
  @Option(help: .hidden)
  var miscompute: String?

  func validate() throws {
    guard let miscompute, Miscomputation(miscompute) == nil else { return }
    throw ValidationError("--miscompute cannot be '\(miscompute)'; use VARIANT:OPERATION")
  }

  /// Loads the dataset; see ``loadWithSource(quietly:)``.
  func load(quietly: Bool = false) throws -> Dataset { try loadWithSource(quietly: quietly).0 }

  /// Loads the dataset and returns its source as well.
  ///
  /// - Parameter quietly: whether to suppress the notice that digits are generated because no
  ///   dataset was named or found.
  func loadWithSource(quietly: Bool = false) throws -> (Dataset, DataSource) {
    let (source, notice) = try DataSource.resolve(
      flag: data, environment: ProcessInfo.processInfo.environment)
    if let notice, !quietly { Console.shared.line(notice) }
    return (try Dataset.load(source), source)
  }

  /// Returns the kernels that the option selects.
  ///
  /// - Throws: `ValidationError`, naming the kernels of this processor.
  func selectedKernels() throws -> Kernels { try Self.kernels(named: kernels) }

  /// Returns the kernels that the option selects after their self-test.
  ///
  /// - Throws: `ValidationError`, or ``MachineFault`` if this machine computes wrongly.
  func testedKernels() throws -> Kernels {
    let kernels = try selectedKernels()
    try MachineFault.check(kernels, injecting: miscompute.flatMap(Miscomputation.init))
    return kernels
  }

  /// Returns the kernels with this name; for nil, the widest that this processor has.
  ///
  /// - Throws: `ValidationError`, naming the kernels of this processor.
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

  /// Returns the arguments that select the same samples and kernels in a worker of this host.
  func workerArguments() throws -> [String] {
    let (source, _) = try DataSource.resolve(
      flag: data, environment: ProcessInfo.processInfo.environment)
    let kernelArguments =
      (kernels.map { ["--kernels", $0] } ?? []) + (miscompute.map { ["--miscompute", $0] } ?? [])
    switch source {
    case .folder(let folder): return ["--data", folder] + kernelArguments
    case .generated(let count): return ["--data", "generated:\(count)"] + kernelArguments
    }
  }
}
