import Numerics

/// A square image on which strokes are drawn with a soft pen.
struct Canvas {
  private let side: Int
  /// The ink of each pixel, [side, side], 0 to 1.
  private var ink: [Float]

  init(side: Int) {
    self.side = side
    ink = [Float](repeating: 0, count: side * side)
  }

  /// Draws polylines given in pixels; the pen's width changes linearly from its start to its end.
  mutating func draw(_ strokes: [DigitStrokes.Stroke], pen: Pen) {
    let steps = Float(strokes.reduce(0) { $0 + $1.count })
    var step: Float = 0
    for stroke in strokes {
      for place in 1..<stroke.count {
        step += 1
        let radius = pen.start + (pen.end - pen.start) * (step / steps)
        draw(from: stroke[place - 1], to: stroke[place], radius: radius, pen)
      }
    }
  }

  /// Draws the pixels around one segment: full ink up to `radius` from it, decreasing across the
  /// pen's edge. Where segments overlap, the darker one determines the pixel.
  private mutating func draw(
    from a: DigitStrokes.Point, to b: DigitStrokes.Point, radius: Float, _ pen: Pen
  ) {
    let reach = radius + 0.5 * pen.edge
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let perLength = 1 / max(dx * dx + dy * dy, 1e-6)
    let slope = pen.ink / pen.edge
    let columns = pixels(min(a.x, b.x) - reach, max(a.x, b.x) + reach)
    for row in pixels(min(a.y, b.y) - reach, max(a.y, b.y) + reach) {
      let py = Float(row) + 0.5 - a.y
      for column in columns {
        let px = Float(column) + 0.5 - a.x
        let along = min(max((px * dx + py * dy) * perLength, 0), 1)
        let (ex, ey) = (px - along * dx, py - along * dy)
        let square = ex * ex + ey * ey
        if square >= reach * reach { continue }
        let value = min((reach - square.squareRoot()) * slope, pen.ink)
        let place = row * side + column
        if value > ink[place] { ink[place] = value }
      }
    }
  }

  /// Returns the pixels whose centres can be between two coordinates.
  private func pixels(_ low: Float, _ high: Float) -> Range<Int> {
    let first = min(max(Int(low), 0), side)
    return first..<min(max(Int(high) + 1, first), side)
  }

  /// Returns the image, [side, side], 0 for no ink; each inked pixel loses up to `grain` of it.
  func bytes(grain: Float, _ random: inout RandomSource) -> [UInt8] {
    var image = [UInt8](repeating: 0, count: ink.count)
    for (place, value) in ink.enumerated() where value > 0 {
      image[place] = UInt8(value * (1 - grain * random.uniform()) * 255 + 0.5)
    }
    return image
  }
}
