internal import CKernels

/// The numerical kernels in one of their variants: a value that is passed to whoever computes.
///
/// Every output element is accumulated in one fixed order with fused multiply-adds, so results
/// depend neither on the variant nor on how many rows share a call. Arguments that do not fit
/// together (shapes, ranges) are programming errors and stop the process.
package struct Kernels: Sendable {
  /// The variant in use.
  package let variant: KernelVariant
  let table: KernelTable

  /// The kernels of `variant`, which must be one of ``KernelVariant/supported``.
  package init(_ variant: KernelVariant = .best) {
    guard let table = KernelTable(variant) else {
      preconditionFailure("this processor cannot run the kernels for \(variant.rawValue)")
    }
    self.variant = variant
    self.table = table
  }
}

/// The functions of one variant, as C exports them. CKernels.h says what each of them computes.
struct KernelTable: @unchecked Sendable {  // immutable pointers to functions without state
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

  /// Columns of a panel of packed weights.
  static let panelColumns = ck_panel_columns

  /// Floats of a level of the scratch memory of a transposed product.
  static let levelFloats = Int(ck_level_floats)
  /// Floats of the rest of it.
  static let pairFloats = Int(ck_pair_floats)
  /// The rows that a product rounds to bfloat16 at a time.
  static let roundedRows = Int(ck_rounded_rows)

  /// The table of a variant, or nil where the processor cannot run it.
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
