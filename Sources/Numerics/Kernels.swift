internal import CKernels

/// The numerical kernels in one variant.
///
/// Every output element is accumulated in one fixed order with fused multiply-adds, so results do
/// not depend on the variant or on the number of rows in a call. Mismatched arguments (shapes,
/// ranges) are programming errors and stop the process.
package struct Kernels: Sendable {
  /// The variant in use.
  package let variant: KernelVariant
  let table: KernelTable

  /// Creates the kernels of `variant`, which must be one of ``KernelVariant/supported``.
  package init(_ variant: KernelVariant = .best) {
    guard let table = KernelTable(variant) else {
      preconditionFailure("this processor does not support the kernel variant \(variant.rawValue)")
    }
    self.variant = variant
    self.table = table
  }
}

/// The C functions of one variant. CKernels.h documents each of them.
@safe
struct KernelTable: @unchecked Sendable {  // immutable pointers to stateless functions
  typealias Floats = UnsafePointer<Float>
  typealias MutableFloats = UnsafeMutablePointer<Float>
  typealias Map = @convention(c) (Floats, MutableFloats, Int) -> Void

  let pack: @convention(c) (Floats, Int, Int, Int, Int, MutableFloats) -> Void
  let product:
    @convention(c) (
      Floats, Int, Floats, Int, Int, Floats?, Int, MutableFloats, Int, Int, Int
    ) -> Void
  let packBF16: @convention(c) (Floats, Int, Int, Int, Int, MutableFloats) -> Void
  let productBF16:
    @convention(c) (
      Floats, Int, Floats, Int, Int, Floats?, Int, MutableFloats, Int, Int, Int, MutableFloats
    ) -> Void
  let copyRows: @convention(c) (Floats, Int, MutableFloats, Int, Int, Int) -> Void
  let transposedProduct,
    transposedProductBF16:
      @convention(c) (
        Floats, Int, Int, Floats, Int, Int, Int, UnsafePointer<Int>, Int, Int, Int, MutableFloats,
        Int, MutableFloats?, MutableFloats
      ) -> Void
  let gatesForward:
    @convention(c) (
      MutableFloats, Int, Floats?, MutableFloats, Int, MutableFloats, Int, Int, Int
    ) -> Void
  let gatesBackward:
    @convention(c) (
      MutableFloats, Int, Floats?, Floats, Int, Floats, MutableFloats, Int, Int, Int
    ) -> Void
  let softmax: @convention(c) (MutableFloats, Int, Int, Int) -> Void
  let crossEntropy:
    @convention(c) (
      MutableFloats, Int, UnsafePointer<UInt8>, Int, Int, Float, UnsafeMutablePointer<Double>,
      UnsafeMutablePointer<Int64>
    ) -> Void
  let adam:
    @convention(c) (
      MutableFloats, MutableFloats, MutableFloats, Floats, Int, Float, Float, Float, Float, Float,
      Float
    ) -> Void
  let extrapolate: @convention(c) (Floats, Floats, Floats, Int, Float, Float, MutableFloats) -> Void
  let add: @convention(c) (MutableFloats, Floats, Int) -> Void
  let addBytes: @convention(c) (MutableFloats, UnsafePointer<UInt8>, Int) -> Void
  let moveToward: @convention(c) (MutableFloats, Floats, Int, Float) -> Void
  let sumOfSquares: @convention(c) (UnsafeRawPointer, Int) -> Double
  let allFinite: @convention(c) (Floats, Int) -> Bool
  let exp, sigmoid, tanh, log: Map
  let warp: @convention(c) (MutableFloats, Int, Int, Floats, MutableFloats) -> Void
  let scaleBytes:
    @convention(c) (
      UnsafePointer<UInt8>, UnsafePointer<Int>, Int, UnsafePointer<Int>?, Int, Float, MutableFloats
    ) -> Void
  let burn, burnBF16: @convention(c) (Int, MutableFloats) -> Double

  /// Number of columns in a panel of packed weights.
  static let panelColumns = ck_panel_columns

  /// Number of floats in one level of the scratch memory of a transposed product.
  static let levelFloats = Int(ck_level_floats)
  /// Number of floats in the part of the scratch memory that holds bfloat16 pairs.
  static let pairFloats = Int(ck_pair_floats)
  /// Number of rows that a product rounds to bfloat16 at a time.
  static let roundedRows = Int(ck_rounded_rows)

  /// Creates the table of a variant; nil if the processor does not support it.
  init?(_ variant: KernelVariant) {
    let found: UnsafePointer<ck_table>? =
      switch variant {
      case .avx512: unsafe ck_avx512()
      case .avx2: unsafe ck_avx2()
      case .plain: unsafe ck_plain()
      }
    guard let functions = unsafe found?.pointee else { return nil }
    unsafe pack = functions.pack
    unsafe product = functions.product
    unsafe packBF16 = unsafe functions.pack_bf16
    unsafe productBF16 = unsafe functions.product_bf16
    unsafe copyRows = functions.copy_rows
    unsafe transposedProduct = functions.transposed_product
    unsafe transposedProductBF16 = unsafe functions.transposed_product_bf16
    unsafe gatesForward = functions.gates_forward
    unsafe gatesBackward = functions.gates_backward
    unsafe softmax = functions.softmax
    unsafe crossEntropy = functions.cross_entropy
    unsafe adam = functions.adam
    unsafe extrapolate = functions.extrapolate
    unsafe add = functions.add
    unsafe addBytes = functions.add_bytes
    unsafe moveToward = functions.move_toward
    unsafe sumOfSquares = functions.sum_of_squares
    unsafe allFinite = functions.all_finite
    unsafe exp = functions.exp
    unsafe sigmoid = functions.sigmoid
    unsafe tanh = functions.tanh
    unsafe log = functions.log
    unsafe warp = functions.warp
    unsafe scaleBytes = functions.scale_bytes
    unsafe burn = functions.burn
    unsafe burnBF16 = unsafe functions.burn_bf16
  }
}
