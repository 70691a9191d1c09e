/// A build of the kernels for one vector width. All variants return the same bits.
package enum KernelVariant: String, CaseIterable, Sendable {
  /// 512-bit vectors with fused multiply-add (x86-64 with AVX-512 F, BW, DQ and VL).
  case avx512
  /// 256-bit vectors with fused multiply-add (x86-64 with AVX2 and FMA).
  case avx2
  /// 128-bit vectors of the architecture's baseline: NEON on arm64, SSE2 on x86-64. On x86-64 it is
  /// exact but slow, because fused multiply-adds are computed in software.
  case plain

  /// The variants that this processor supports, fastest first.
  package static var supported: [KernelVariant] {
    allCases.filter { KernelTable($0) != nil }
  }

  /// The fastest variant that this processor supports.
  package static var best: KernelVariant { supported[0] }
}
