/// Scratch memory for floats: a fixed count, aligned to 64 bytes, zero at first.
package final class FloatBuffer {
  /// How many floats there are.
  package let count: Int
  let base: UnsafeMutablePointer<Float>

  /// A buffer of `count` zeros.
  package init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) floats")
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    base = bytes.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
  }

  deinit { base.deallocate() }

  /// The float at `index`.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
      return base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
      base[index] = newValue
    }
  }

  /// A copy of all floats.
  package var array: [Float] { copy(of: 0..<count) }

  /// A copy of the floats in `range`.
  package func copy(of range: Range<Int>) -> [Float] {
    check(range)
    return Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Copies `values` to `offset` and what follows it.
  package func copy(from values: [Float], at offset: Int = 0) {
    copy(from: values[...], at: offset)
  }

  /// Copies a part of an array to `offset` and what follows it.
  package func copy(from values: ArraySlice<Float>, at offset: Int = 0) {
    precondition(offset >= 0 && offset <= count - values.count, "the values do not fit")
    values.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      (base + offset).update(from: start, count: source.count)
    }
  }

  /// Sets `range` to `value`.
  package func fill(_ value: Float, in range: Range<Int>) {
    check(range)
    (base + range.lowerBound).update(repeating: value, count: range.count)
  }

  /// Sets every float to `value`.
  package func fill(_ value: Float) { fill(value, in: 0..<count) }

  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not in 0..<\(count)")
  }
}
