/// A compilation of the kernels for one width of the vector unit. All of them give the same bits.
package enum KernelVariant: String, CaseIterable, Sendable {
  /// 512-bit vectors with fused multiply-add (x86-64 with AVX-512 F, BW, DQ and VL).
  case avx512
  /// 256-bit vectors with fused multiply-add (x86-64 with AVX2 and FMA).
  case avx2
  /// 128-bit vectors and the architecture's baseline: NEON on arm64; on x86-64 exact but slow, as
  /// every fused multiply-add is computed in software.
  case plain

  /// The variants this processor can run, the fastest first.
  package static var supported: [KernelVariant] {
    allCases.filter { KernelTable($0) != nil }
  }

  /// The fastest variant this processor can run.
  package static var best: KernelVariant { supported[0] }
}
