import Numerics
import Testing

@testable import Storage

@Suite struct CanvasTests {
  private let pen = Pen(start: 1, end: 1, edge: 1, ink: 1)
  private var random = RandomSource(seed: 1, stream: 1)

  private mutating func draw(_ strokes: [DigitStrokes.Stroke], pen: Pen? = nil) -> [UInt8] {
    var canvas = Canvas(side: 9)
    canvas.draw(strokes, pen: pen ?? self.pen)
    return canvas.bytes(grain: 0, &random)
  }

  /// A line through the middle row: full ink on it, half where the edge meets a pixel's centre.
  @Test mutating func drawsAHorizontalLine() {
    let image = draw([[.init(x: 2.5, y: 4.5), .init(x: 6.5, y: 4.5)]])
    let column = (0..<9).map { image[$0 * 9 + 4] }
    #expect(column == [0, 0, 0, 128, 255, 128, 0, 0, 0])
    let row = Array(image[36..<45])
    #expect(row == [0, 128, 255, 255, 255, 255, 255, 128, 0])
  }

  @Test mutating func aVerticalLineIsTheTransposeOfAHorizontalOne() {
    let across = draw([[.init(x: 2.5, y: 4.5), .init(x: 6.5, y: 4.5)]])
    let down = draw([[.init(x: 4.5, y: 2.5), .init(x: 4.5, y: 6.5)]])
    for place in 0..<81 {
      let (row, column) = place.quotientAndRemainder(dividingBy: 9)
      #expect(across[place] == down[column * 9 + row])
    }
  }

  @Test mutating func aStrokeOfEqualPointsIsADot() {
    let image = draw([[.init(x: 4.5, y: 4.5), .init(x: 4.5, y: 4.5)]])
    #expect(image[40] == 255)
    #expect(image[39] == 128)
    #expect(image[38] == 0)
  }

  @Test mutating func aStrokeDrawnTwiceAddsNoInk() {
    let stroke: DigitStrokes.Stroke = [.init(x: 2.5, y: 4.5), .init(x: 6.5, y: 4.5)]
    #expect(draw([stroke]) == draw([stroke, stroke]))
  }

  @Test mutating func thePenWidensFromStartToEnd() {
    let stroke: DigitStrokes.Stroke = (1...7).map { .init(x: Float($0) + 0.5, y: 4.5) }
    let image = draw([stroke], pen: Pen(start: 0.5, end: 3, edge: 1, ink: 1))
    func width(_ column: Int) -> Int { (0..<9).count { image[$0 * 9 + column] > 0 } }
    #expect(width(2) < width(6))
  }

  @Test mutating func strokesOutsideTheImageAddNoInk() {
    for x in [-1e6, -3, 12, 1e6] as [Float] {
      for y in [-1e6, -3, 12, 1e6] as [Float] {
        #expect(draw([[.init(x: x, y: y), .init(x: x + 1, y: y)]]).allSatisfy { $0 == 0 })
      }
    }
  }

  @Test mutating func grainReducesTheInkOfEachPixel() {
    var canvas = Canvas(side: 9)
    canvas.draw([[.init(x: 0.5, y: 4.5), .init(x: 8.5, y: 4.5)]], pen: pen)
    let image = canvas.bytes(grain: 0.5, &random)
    let line = image[36..<45]
    #expect(line.allSatisfy { $0 >= 127 })
    #expect(Set(line).count > 3)
    #expect(image[..<27].allSatisfy { $0 == 0 })
  }
}
