/// Memory for a fixed number of floats, aligned to 64 bytes and initialized to zero.
@safe
package final class FloatBuffer {
  /// Number of floats.
  package let count: Int
  let base: UnsafeMutablePointer<Float>

  /// Creates a buffer of `count` zeros.
  package init(count: Int) {
    precondition(count >= 0, "a buffer cannot hold \(count) floats; the count must not be negative")
    self.count = count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * 4, alignment: 64)
    unsafe base = bytes.initializeMemory(as: Float.self, repeating: 0, count: max(count, 1))
  }

  deinit { unsafe base.deallocate() }

  /// The float at `index`.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
      return unsafe base[index]
    }
    set {
      precondition(index >= 0 && index < count, "index \(index) is not in 0..<\(count)")
      unsafe base[index] = newValue
    }
  }

  /// A copy of all floats.
  package var array: [Float] { copy(of: 0..<count) }

  /// Returns a copy of the floats in `range`.
  package func copy(of range: Range<Int>) -> [Float] {
    check(range)
    return unsafe Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  /// Copies `values` into the buffer, starting at `offset`.
  package func copy(from values: [Float], at offset: Int = 0) {
    copy(from: values[...], at: offset)
  }

  /// Copies part of an array into the buffer, starting at `offset`.
  package func copy(from values: ArraySlice<Float>, at offset: Int = 0) {
    precondition(
      offset >= 0 && offset <= count - values.count,
      "\(values.count) values at offset \(offset) exceed the buffer's \(count) floats")
    unsafe values.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress else { return }
      unsafe (base + offset).update(from: start, count: source.count)
    }
  }

  /// Sets the floats in `range` to `value`.
  package func fill(_ value: Float, in range: Range<Int>) {
    check(range)
    unsafe (base + range.lowerBound).update(repeating: value, count: range.count)
  }

  /// Sets every float to `value`.
  package func fill(_ value: Float) { fill(value, in: 0..<count) }

  private func check(_ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "\(range) is not in 0..<\(count)")
  }
}
