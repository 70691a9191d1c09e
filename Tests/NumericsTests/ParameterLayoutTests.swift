import Numerics
import Testing

@Suite struct ParameterLayoutTests {
  let layout = ParameterLayout([
    .init("lstm/kernel", [156, 512]), .init("lstm/bias", [512]),
    .init("dense/moving", [3], trainable: false),
  ])

  @Test func tensorsAreAdjacentInTheVector() {
    #expect(layout.range(of: "lstm/kernel") == 0..<79_872)
    #expect(layout.range(of: "lstm/bias") == 79_872..<80_384)
    #expect(layout.offset(of: "dense/moving") == 80_384)
    #expect(layout.count == 80_387)
    #expect(layout.trainableCount == 80_384)
    #expect(layout.contains("lstm/bias") && !layout.contains("lstm"))
  }

  @Test func theFingerprintIsTheFNVHashOfNamesShapesAndRoles() {
    // Computed in Python from the definition of FNV-1a (offset basis cbf29ce484222325).
    #expect(layout.fingerprint == 0x0EE3_AA04_D68C_75D6)
  }

  @Test func anyDifferenceChangesTheFingerprint() {
    let others = [
      [ParameterLayout.Entry("a", [2, 3])], [.init("a", [3, 2])], [.init("b", [2, 3])],
      [.init("a", [2, 3], trainable: false)], [.init("a", [6])], [.init("a", [])], [],
      [.init("a", [2, 3]), .init("b", [])],
    ].map { ParameterLayout($0).fingerprint }
    #expect(Set(others).count == others.count)
  }

  @Test func aScalarHasOneElementAndAnEmptyTensorNone() {
    #expect(ParameterLayout.Entry("scalar", []).count == 1)
    #expect(ParameterLayout.Entry("empty", [4, 0]).count == 0)
    #expect(ParameterLayout([]).count == 0)
  }
}
