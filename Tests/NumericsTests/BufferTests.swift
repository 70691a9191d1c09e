import Numerics
import Testing

@Suite struct BufferTests {
  @Test func aNewBufferContainsZeros() {
    #expect(FloatBuffer(count: 5).array == [0, 0, 0, 0, 0])
    #expect(FloatBuffer(count: 0).array == [])
  }

  @Test func copyAndFillChangeOnlyTheirRange() {
    let buffer = FloatBuffer(count: 6)
    buffer.copy(from: [1, 2], at: 1)
    buffer.fill(7, in: 4..<5)
    buffer[5] = 8
    #expect(buffer.array == [0, 1, 2, 0, 7, 8])
    #expect(buffer.copy(of: 1..<3) == [1, 2] && buffer[5] == 8)
    buffer.copy(from: [Float]()[...], at: 6)
    buffer.fill(3)
    #expect(buffer.array == [3, 3, 3, 3, 3, 3])
  }

  @Test func aViewAddressesRowsByStride() {
    let buffer = FloatBuffer(count: 12)
    buffer.copy(from: (0..<12).map(Float.init))
    let view = MatrixView(buffer, offset: 1, rows: 3, columns: 2, stride: 4)
    #expect(view.array == [1, 2, 5, 6, 9, 10])
    #expect(view.rows(1..<3).array == [5, 6, 9, 10])
    #expect(view.rows(1..<1).array == [])
    view[2, 1] = -1
    view.rows(0..<1).fill(0)
    #expect(view.array == [0, 0, 5, 6, 9, -1] && view[1, 1] == 6)
    view.copy(from: [1, 1, 2, 2, 3, 3])
    #expect(buffer.array == [0, 1, 1, 3, 4, 2, 2, 7, 8, 3, 3, 11])
  }

  @Test func aSeriesAddressesTheSameRowsOfEveryStep() {
    let buffer = FloatBuffer(count: 12)
    buffer.copy(from: (0..<12).map(Float.init))
    let series = MatrixSeries(
      MatrixView(buffer, rows: 3, columns: 2), steps: 2, distance: 6)
    #expect(series.rows(1..<3)[1].array == [8, 9, 10, 11])
  }

  @Test func copyingAMatrixFromAnArrayUsesTheStride() {
    let view = MatrixView(rows: 2, columns: 3)
    Kernels().copy((0..<20).map(Float.init), at: 1, stride: 10, to: view)
    #expect(view.array == [1, 2, 3, 11, 12, 13])
  }
}

#if compiler(>=6.2)  // exit tests require Swift 6.2
  /// Arguments out of bounds stop the process before any memory is accessed.
  @Suite struct BoundsTests {
    @Test func aViewCannotExceedItsBuffer() async {
      await #expect(processExitsWith: .failure) {
        _ = MatrixView(FloatBuffer(count: 11), rows: 3, columns: 4)
      }
    }

    @Test func aSeriesCannotExceedItsBuffer() async {
      await #expect(processExitsWith: .failure) {
        _ = MatrixSeries(MatrixView(rows: 2, columns: 2), steps: 2, distance: 4)
      }
    }

    @Test func theShapesOfAProductMustMatch() async {
      await #expect(processExitsWith: .failure) {
        Kernels().multiply(
          MatrixView(rows: 2, columns: 4), PackedMatrix(rows: 3, columns: 5),
          into: MatrixView(rows: 2, columns: 5))
      }
    }

    @Test func theSlicesOfAProductMustBeAdjacent() async {
      await #expect(processExitsWith: .failure) {
        let series = MatrixSeries(MatrixView(rows: 4, columns: 1), steps: 1, distance: 0)
        var gradient: [Float] = [0]
        Kernels().transposedProduct(
          series, series, slices: [0..<1, 2..<4], into: &gradient, at: 0,
          scratch: Kernels.sliceScratch(slices: 2))
      }
    }

    @Test func scratchMemoryMustHoldAllSlicesOfAProduct() async {
      await #expect(processExitsWith: .failure) {
        let series = MatrixSeries(MatrixView(rows: 4, columns: 1), steps: 1, distance: 0)
        var gradient: [Float] = [0]
        Kernels().transposedProduct(
          series, series, slices: [0..<1, 1..<3, 3..<4], into: &gradient, at: 0,
          scratch: Kernels.sliceScratch(slices: 2))
      }
    }

    @Test(arguments: [-1, 3])
    func bytesToScaleMustBeInBounds(offset: Int) async {
      await #expect(processExitsWith: .failure) { [offset] in
        _ = Kernels().scaled([1, 2, 3, 4], at: [0, offset], count: 2, by: 1)
      }
    }

    @Test(arguments: [[0], [0, 2], [-1, 0]])
    func anOrderOfBytesMustBeInBounds(order: [Int]) async {
      await #expect(processExitsWith: .failure) { [order] in
        _ = Kernels().scaled([1, 2, 3, 4], at: [0], count: 2, order: order, by: 1)
      }
    }

    @Test func aMatrixToPackMustBeWithinTheWeights() async {
      await #expect(processExitsWith: .failure) {
        Kernels().pack(
          [1, 2, 3], at: 0, rows: 2, columns: 2, into: PackedMatrix(rows: 2, columns: 2))
      }
    }

    @Test func labelsMustBeLessThanTheNumberOfClasses() async {
      await #expect(processExitsWith: .failure) {
        var sums = SampleSums()
        Kernels().softmaxCrossEntropy(
          MatrixView(rows: 1, columns: 3), labels: [3], scale: 1, sums: &sums)
      }
    }

    @Test func floatsToReadMustBeWithinTheBytes() async {
      await #expect(processExitsWith: .failure) {
        _ = Kernels.floats(from: [0, 0, 0, 0, 0], at: 2, count: 1)
      }
    }
  }
#endif
