import Foundation
import TestSupport
import Testing

@testable import Numerics

/// The kernels beside known answers.
@Suite struct KernelSelfTestTests {
  @Test(arguments: KernelVariant.supported)
  func everyVariantComputesTheKnownAnswers(variant: KernelVariant) {
    #expect(KernelSelfTest.firstFault(of: Kernels(variant)) == nil)
  }

  @Test func everyOperationHasOneAnswer() {
    let operations = KernelSelfTest.operations
    #expect(operations.count > 36 && Set(operations).count == operations.count)
    #expect(Set(KernelSelfTest.answers.keys) == Set(operations))
  }

  @Test(arguments: KernelVariant.supported)
  func aWrongBitInAnyOperationIsFound(variant: KernelVariant) {
    for operation in KernelSelfTest.operations {
      let found = KernelSelfTest.firstFault(of: Kernels(variant), miscomputed: operation)
      #expect(found == operation)
    }
  }

  @Test(arguments: KernelVariant.supported)
  func anotherRoundingModeIsFound(variant: KernelVariant) {
    let nearest = fegetround()
    defer { fesetround(nearest) }
    for mode in [FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO] as [Int32] {
      fesetround(mode)
      #expect(KernelSelfTest.firstFault(of: Kernels(variant)) != nil)
    }
  }

  /// A product with separate roundings of products and sums has another result.
  @Test func aMissingFusedMultiplyAddIsFound() throws {
    let item = try #require(
      KernelSelfTest.cases.first { $0.operation == "product/rounding-errors" })
    guard case .words(let answer)? = KernelSelfTest.answers[item.operation] else {
      Issue.record("the answer is a hash")
      return
    }
    #expect(answer.count == 38 && answer.allSatisfy { $0 & 0x7FFF_FFFF != 0 })
    #expect(item.words(Kernels()) == answer)
  }

  /// The inputs do not depend on floating-point arithmetic; the first words are those of Knuth's
  /// generator, computed by hand.
  @Test func theInputsAreDrawnAsIntegers() {
    var inputs = KernelInputs(seed: 1)
    let state: UInt64 = 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    #expect(inputs.word() == UInt32(state >> 32))
    let values = inputs.floats(100, 0...2, mask: 0x8000_0001)
    #expect(values.allSatisfy { $0.bitPattern & 0x7FFF_FFFF < 3 << 23 })
    #expect(Set(values.map { $0.bitPattern >> 23 & 0xFF }) == [0, 1, 2])
    #expect(values.contains { $0.sign == .minus } && values.contains { $0.sign == .plus })
  }

  /// scripts/oracle/selftest.py computes the answers with integers only.
  @Test(.enabled(if: Command.python(["--version"]).output() != nil, "Python is not installed"))
  func theAnswersAreThoseOfExactArithmetic() throws {
    let computed = try #require(
      Command.python([Repository.path("scripts/oracle/selftest.py")]).output())
    let path = Repository.path("Sources/Numerics/SelfTest/KernelAnswers.swift")
    let committed = try String(contentsOfFile: path, encoding: .utf8)
    #expect(computed == committed)
  }
}
