import Foundation
import Numerics
import Testing

@Suite struct GateTests {
  /// One time step of a cell in double precision, with the derivatives of a loss whose gradients
  /// with respect to h and c are `dh` and `dc`. (BasicLSTMCell's formulas, differentiated by hand.)
  struct Cell {
    var i, j, f, o, c, h: Double
    var di, dj, df, dOutput, dPrevious: Double

    init(z: [Double], previous: Double, dh: Double, dc: Double) {
      func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
      (i, j, f, o) = (sigmoid(z[0]), tanh(z[1]), sigmoid(z[2] + 1), sigmoid(z[3]))
      c = previous * f + i * j
      h = o * tanh(c)
      let dState = dc + dh * o * (1 - tanh(c) * tanh(c))
      (di, dj) = (dState * j * i * (1 - i), dState * i * (1 - j * j))
      (df, dOutput) = (dState * previous * f * (1 - f), dh * tanh(c) * o * (1 - o))
      dPrevious = dState * f
    }
  }

  /// The operands of a time step; the rows of h have padding.
  struct Step {
    let z, previous, c, h, dh, dc: MatrixView
    let sums: [Float]
    let cells: CellStates

    init(rows: Int, units: Int, hasPrevious: Bool = true) {
      func matrix(_ columns: Int, _ stream: UInt64, padding: Int = 0) -> MatrixView {
        let buffer = FloatBuffer(count: rows * (columns + padding))
        buffer.copy(from: noise(buffer.count, stream: stream).map { $0 * 4 })
        return MatrixView(buffer, rows: rows, columns: columns, stride: columns + padding)
      }
      (z, previous, c) = (matrix(4 * units, 0), matrix(units, 1), matrix(units, 2))
      (h, dh, dc) = (matrix(units, 3, padding: 5), matrix(units, 4), matrix(units, 5))
      sums = z.array
      cells = CellStates(previous: hasPrevious ? previous : nil, current: c)
    }

    var all: [UInt32] { [z, c, h, dc].flatMap { $0.array.bits } }
  }

  static let units = [1, 3, 16, 31, 33, 100, 128]

  @Test(arguments: units, [true, false])
  func bothDirectionsAgreeWithDoublePrecision(units: Int, hasPrevious: Bool) {
    let kernels = Kernels()
    let step = Step(rows: 3, units: units, hasPrevious: hasPrevious)
    let (dh, dc) = (step.dh.array, step.dc.array)
    kernels.gatesForward(step.z, cells: step.cells, h: step.h)
    let activations = step.z.array
    kernels.gatesBackward(step.z, cells: step.cells, dh: step.dh, dc: step.dc)
    for row in 0..<3 {
      for unit in 0..<units {
        let (gate, place) = (row * 4 * units + unit, row * units + unit)
        let exact = Cell(
          z: (0..<4).map { Double(step.sums[gate + $0 * units]) },
          previous: hasPrevious ? Double(step.previous[row, unit]) : 0, dh: Double(dh[place]),
          dc: Double(dc[place]))
        let ours =
          (0..<4).map { activations[gate + $0 * units] } + [step.c[row, unit], step.h[row, unit]]
          + (0..<4).map { step.z[row, unit + $0 * units] } + [step.dc[row, unit]]
        let expected = [
          exact.i, exact.j, exact.f, exact.o, exact.c, exact.h, exact.di, exact.dj, exact.df,
          exact.dOutput, exact.dPrevious,
        ]
        #expect(distance(ours, expected) < 4e-6)
      }
    }
  }

  @Test(arguments: units, KernelVariant.supported)
  func everyVariantGivesTheSameBits(units: Int, variant: KernelVariant) {
    func run(_ kernels: Kernels) -> [UInt32] {
      let step = Step(rows: 2, units: units)
      kernels.gatesForward(step.z, cells: step.cells, h: step.h)
      kernels.gatesBackward(step.z, cells: step.cells, dh: step.dh, dc: step.dc)
      return step.all
    }
    #expect(run(Kernels(variant)) == run(Kernels()))
  }

  @Test func theBitsOfARowDoNotDependOnOtherRows() {
    let kernels = Kernels()
    let (together, apart) = (Step(rows: 5, units: 33), Step(rows: 5, units: 33))
    for rows in [0..<5] { run(together, rows) }
    for rows in [0..<1, 1..<3, 3..<5] { run(apart, rows) }
    #expect(together.all == apart.all)

    func run(_ step: Step, _ rows: Range<Int>) {
      let cells = CellStates(previous: step.previous.rows(rows), current: step.c.rows(rows))
      kernels.gatesForward(step.z.rows(rows), cells: cells, h: step.h.rows(rows))
      kernels.gatesBackward(
        step.z.rows(rows), cells: cells, dh: step.dh.rows(rows), dc: step.dc.rows(rows))
    }
  }

  @Test func paddingOfTheOutputIsNotWritten() {
    let step = Step(rows: 4, units: 33)
    let before = step.h.buffer.array
    Kernels().gatesForward(step.z, cells: step.cells, h: step.h)
    for (place, value) in before.enumerated() where place % 38 >= 33 {
      #expect(step.h.buffer[place] == value)
    }
  }

  @Test func theForgetBiasOfOneIsAddedAtRunTime() {
    let step = Step(rows: 1, units: 1)
    step.z.fill(0)
    step.previous.fill(1)
    Kernels().gatesForward(step.z, cells: step.cells, h: step.h)
    #expect(ulps(step.z[0, 2], 1 / (1 + exp(-1.0))) <= 4)
    #expect(step.c[0, 0] == step.z[0, 2])
  }
}
