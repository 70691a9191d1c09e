import Testing

@testable import Learning

@Suite struct ClipTests {
  @Test(arguments: [
    ("none", Clip.none), ("value:1", .value(1)), ("value:0.5", .value(0.5)),
    ("norm:5", .norm(5)), ("norm:1e-05", .norm(1e-5)),
  ])
  func textRoundTrips(text: String, clip: Clip) {
    #expect(Clip(text) == clip)
    #expect(clip.description == text)
  }

  @Test(arguments: [
    "", "None", "value", "value:", "value:0", "value:-1", "value:nan", "norm:inf", "norm:1:2",
    "norm: 1", "norm:1e-40", "clip:1", ":1", "1",
  ])
  func otherTextIsNotParsed(text: String) {
    #expect(Clip(text) == nil)
  }

  /// Expected values: `clip * min(1 / norm, 1 / clip)`.
  @Test func theFactorReducesOnlyNormsAboveTheBound() {
    #expect(Clip.norm(5).factor(norm: 10) == 0.5)
    #expect(Clip.norm(4).factor(norm: 2) == 1)
    #expect(Clip.norm(4).factor(norm: 0) == 1)
    #expect(Clip.none.factor(norm: 10) == 1)
    #expect(Clip.value(1).factor(norm: 10) == 1)
  }
}
