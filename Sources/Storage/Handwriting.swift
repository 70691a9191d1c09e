import Numerics

/// How far a written digit strays from its style, and how it looks: the constants that decide how
/// hard the generated digits are to read.
struct Handwriting: Sendable {
  /// The greatest displacement of a stroke's point, in heights of the digit.
  var wobble: Float
  /// The greatest bend of the whole plane.
  var bend: Float
  /// The greatest shear, x by y, and how far the average leans to the right.
  var slant: Float
  var lean: Float
  /// The greatest turn, as the tangent of half the angle.
  var turn: Float
  /// The range of width over height, in multiples of the style's own.
  var aspect: ClosedRange<Float>
  /// The range of the larger side of the ink, and the greatest shift of its middle, in pixels.
  var size: ClosedRange<Float>
  var shift: Float
  /// The range of the stroke's half width, and of the width of its blurred edge, in pixels.
  var thickness: ClosedRange<Float>
  var edge: ClosedRange<Float>
  /// How uneven the ink is: the greatest loss of a pixel, 0 to 1.
  var grain: Float

  /// The tutorial recipe's 999 steps of 100 images learn to read about 97 % of these, as of MNIST;
  /// several times as many steps, 98 to 99 %.
  static let standard = Handwriting(
    wobble: 0.105, bend: 0.34, slant: 0.55, lean: 0.12, turn: 0.16, aspect: 0.55...1.15,
    size: 14...20.5, shift: 2, thickness: 0.5...1.8, edge: 0.9...2, grain: 0.3)
}

extension Handwriting {
  typealias Point = DigitStrokes.Point
  typealias Stroke = DigitStrokes.Stroke

  /// Writes a digit once: its strokes as polylines in pixels, placed in a 28 × 28 image.
  func write(_ style: [Stroke], _ random: inout RandomSource) -> [Stroke] {
    let shaky = style.map { shake($0, &random) }
    let warp = Warp(self, &random)
    return place(shaky.map { curve($0.map(warp.apply)) }, &random)
  }

  /// Displaces each point on its own; a corner's two points stay together.
  private func shake(_ stroke: Stroke, _ random: inout RandomSource) -> Stroke {
    var shaken: Stroke = []
    for (place, point) in stroke.enumerated() {
      if place > 0, stroke[place - 1] == point {
        shaken.append(shaken[place - 1])
      } else {
        let (dx, dy) = (random.bell() * wobble, random.bell() * wobble)
        shaken.append(Point(x: point.x + dx, y: point.y + dy))
      }
    }
    return shaken
  }

  /// The uniform Catmull-Rom spline through the points, in four pieces from point to point.
  private func curve(_ points: Stroke) -> Stroke {
    var line: Stroke = [points[0]]
    for place in 1..<points.count {
      let (b, c) = (points[place - 1], points[place])
      if b == c { continue }
      let (a, d) = (points[max(place - 2, 0)], points[min(place + 1, points.count - 1)])
      for piece in 1...4 {
        let t = Float(piece) * 0.25
        line.append(
          Point(x: spline(a.x, b.x, c.x, d.x, t), y: spline(a.y, b.y, c.y, d.y, t)))
      }
    }
    return line
  }

  private func spline(_ a: Float, _ b: Float, _ c: Float, _ d: Float, _ t: Float) -> Float {
    let linear = c - a
    let square = 2 * a - 5 * b + 4 * c - d
    let cube = 3 * (b - c) + d - a
    return b + 0.5 * t * (linear + t * (square + t * cube))
  }

  /// Scales the ink to its size and moves its middle near the image's.
  private func place(_ strokes: [Stroke], _ random: inout RandomSource) -> [Stroke] {
    let points = strokes.joined()
    let (left, right) = bounds(points.lazy.map(\.x))
    let (top, bottom) = bounds(points.lazy.map(\.y))
    let scale = random.within(size) / max(right - left, bottom - top)
    let x = 14 + random.signed() * shift - scale * 0.5 * (left + right)
    let y = 14 + random.signed() * shift - scale * 0.5 * (top + bottom)
    return strokes.map { $0.map { Point(x: x + scale * $0.x, y: y + scale * $0.y) } }
  }

  private func bounds(_ values: some Sequence<Float>) -> (least: Float, greatest: Float) {
    values.reduce((.infinity, -.infinity)) { (min($0.0, $1), max($0.1, $1)) }
  }

  /// The pen of one digit.
  func pen(_ random: inout RandomSource) -> Pen {
    Pen(
      start: random.within(thickness), end: random.within(thickness),
      edge: random.within(edge), ink: 0.75 + 0.25 * random.uniform())
  }
}

/// What a pen leaves: its half width at the start and the end of a digit and the width of the
/// blurred edge, in pixels, and how dark it writes, 0 to 1.
struct Pen {
  var start: Float
  var end: Float
  var edge: Float
  var ink: Float
}

/// One smooth map of the plane: a bend, width against height, a shear and a turn.
private struct Warp {
  private let bends: (Float, Float, Float, Float)
  private let aspect: Float
  private let shear: Float
  private let cosine: Float
  private let sine: Float

  init(_ hand: Handwriting, _ random: inout RandomSource) {
    let bend = hand.bend
    bends = (
      random.bell() * bend, random.bell() * bend, random.bell() * bend, random.bell() * bend
    )
    aspect = random.within(hand.aspect)
    shear = random.bell() * hand.slant - hand.lean
    // A turn by its half angle's tangent t: cosine (1 - t²) / (1 + t²), sine 2t / (1 + t²).
    let tangent = random.bell() * hand.turn
    cosine = (1 - tangent * tangent) / (1 + tangent * tangent)
    sine = 2 * tangent / (1 + tangent * tangent)
  }

  func apply(_ point: DigitStrokes.Point) -> DigitStrokes.Point {
    let (u, v) = (point.x - 0.5, point.y - 0.5)
    let bentX = u + bends.0 * v * v + bends.1 * u * v
    let bentY = v + bends.2 * u * u + bends.3 * u * v
    let x = aspect * bentX + shear * bentY
    return .init(x: cosine * x - sine * bentY, y: sine * x + cosine * bentY)
  }
}

extension RandomSource {
  /// Uniform in [-1, 1).
  mutating func signed() -> Float { 2 * uniform() - 1 }

  /// In (-1, 1), rather near 0: the mean of two uniform numbers.
  mutating func bell() -> Float { uniform() - uniform() }

  /// Uniform within a range.
  mutating func within(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
  }
}
