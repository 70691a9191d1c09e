import Foundation
import FuzzTargets

/// The target that the environment variable TRIBUTARY_FUZZ_TARGET names.
private let target: FuzzTarget = {
  let name = ProcessInfo.processInfo.environment["TRIBUTARY_FUZZ_TARGET"] ?? ""
  if let target = FuzzTarget.named(name) { return target }
  for target in FuzzTarget.all { print("\(target.name): \(target.summary)") }
  exit(name.isEmpty ? 0 : 64)
}()

/// Writes the examples of the target to the folder that TRIBUTARY_FUZZ_EXAMPLES names; libFuzzer
/// calls this function once.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
  _ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
  let target = target
  guard let folder = ProcessInfo.processInfo.environment["TRIBUTARY_FUZZ_EXAMPLES"] else {
    return 0
  }
  for (number, example) in target.examples.enumerated() {
    let file = URL(fileURLWithPath: "\(folder)/example-\(number)")
    do {
      try Data(example).write(to: file)
    } catch {
      print("\(file.path): the example cannot be written")
      exit(74)
    }
  }
  return 0
}

/// Reads one input. A rule that does not hold ends the process, as a trap does.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(Finding) {
    try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
  } catch {
    print("finding in \(target.name): \(error)")
    fflush(nil)
    preconditionFailure("a rule does not hold")
  }
  return 0
}
