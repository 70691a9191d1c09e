import Numerics
import Testing

@Suite struct KernelVariantTests {
  @Test func thePlainVariantRunsEverywhere() {
    #expect(KernelVariant.supported.contains(.plain))
    #expect(Kernels(.plain).variant == .plain)
  }

  @Test func theFastestSupportedVariantIsTheBest() {
    #expect(KernelVariant.supported.first == .best)
    #expect(Kernels().variant == .best)
  }

  @Test func variantsAreNamedAsTheCommandLineNamesThem() {
    #expect(KernelVariant.allCases.map(\.rawValue) == ["avx512", "avx2", "plain"])
  }
}
