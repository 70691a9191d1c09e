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
      case .avx512: ck_avx512()
      case .avx2: ck_avx2()
      case .plain: ck_plain()
      }
    guard let functions = found?.pointee else { return nil }
    pack = functions.pack
    product = functions.product
    packBF16 = functions.pack_bf16
    productBF16 = functions.product_bf16
    copyRows = functions.copy_rows
    transposedProduct = functions.transposed_product
    transposedProductBF16 = functions.transposed_product_bf16
    gatesForward = functions.gates_forward
    gatesBackward = functions.gates_backward
    softmax = functions.softmax
    crossEntropy = functions.cross_entropy
    adam = functions.adam
    add = functions.add
    addBytes = functions.add_bytes
    moveToward = functions.move_toward
    sumOfSquares = functions.sum_of_squares
    allFinite = functions.all_finite
    exp = functions.exp
    sigmoid = functions.sigmoid
    tanh = functions.tanh
    log = functions.log
    warp = functions.warp
    scaleBytes = functions.scale_bytes
    burn = functions.burn
    burnBF16 = functions.burn_bf16
  }
}
