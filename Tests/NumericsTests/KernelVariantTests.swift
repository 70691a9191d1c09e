import Numerics
import Testing

@Suite struct KernelVariantTests {
  @Test func thePlainVariantIsAlwaysSupported() {
    #expect(KernelVariant.supported.contains(.plain))
    #expect(Kernels(.plain).variant == .plain)
  }

  @Test func theFastestSupportedVariantIsTheBest() {
    #expect(KernelVariant.supported.first == .best)
    #expect(Kernels().variant == .best)
  }

  @Test func rawValuesAreTheNamesOnTheCommandLine() {
    #expect(KernelVariant.allCases.map(\.rawValue) == ["avx512", "avx2", "plain"])
  }
}
