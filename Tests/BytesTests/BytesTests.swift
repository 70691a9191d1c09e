import Bytes
import Numerics
import Testing

@Suite struct BytesTests {
  /// Memory in which each byte is its index modulo 64, so that floats read from it are finite.
  private final class Owner: BytesOwner, @unchecked Sendable {
    let memory: UnsafeRawBufferPointer
    private let onDeinit: @Sendable () -> Void

    init(_ count: Int, onDeinit: @escaping @Sendable () -> Void = {}) {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
      for index in 0..<count { bytes[index] = UInt8(index % 64) }
      memory = UnsafeRawBufferPointer(bytes)
      self.onDeinit = onDeinit
    }

    deinit {
      memory.deallocate()
      onDeinit()
    }
  }

  private static func places(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8($0 % 64) }
  }

  @Test(arguments: [0, 1, 63, 64, 1000])
  func bytesOfAnOwnerEqualThoseOfAnArray(count: Int) {
    let (owned, array) = (Bytes(Owner(count)), Bytes(Self.places(count)))
    #expect(owned == array && array == owned && owned == Bytes(Owner(count)))
    #expect(owned.hashValue == array.hashValue && Set([owned, array]).count == 1)
    #expect(owned.count == count && owned.array == Self.places(count))
    #expect(owned.prefix(64) == Self.places(min(count, 64)) && array.prefix(64) == owned.prefix(64))
    #expect(CRC32C.checksum(owned) == CRC32C.checksum(Self.places(count)))
  }

  @Test func bytesThatDifferAreNotEqual() {
    var other = Self.places(100)
    other[99] ^= 1
    let owned = Bytes(Owner(100))
    #expect(owned != Bytes(other) && Bytes(other) != owned)
    #expect(Bytes(other) != Bytes(Self.places(100)))
    #expect(owned != Bytes(Owner(99)) && owned != Bytes([]))
  }

  @Test func bytesRetainTheirOwner() async {
    await confirmation(expectedCount: 1) { deinitialized in
      var bytes: Bytes? = Bytes(Owner(10) { deinitialized() })
      let copy = bytes
      bytes = nil
      #expect(copy?.array == Self.places(10))
    }
  }

  @Test(arguments: [0, 1, 3])
  func floatsAreReadAtAnyAlignment(offset: Int) {
    let (owned, array) = (Bytes(Owner(403)), Self.places(403))
    let floats = Kernels.floats(from: owned, at: offset, count: 100)
    #expect(
      floats.map(\.bitPattern)
        == Kernels.floats(from: array, at: offset, count: 100).map(\.bitPattern))
    var appended = [Float(1)]
    Kernels.append(littleEndian: owned, at: offset, count: 100, to: &appended)
    #expect(appended.map(\.bitPattern) == ([1] + floats).map(\.bitPattern))
    let squares = Kernels().sumOfSquares(littleEndian: owned, at: offset, count: 100)
    #expect(squares.bitPattern == Kernels().sumOfSquares(floats).bitPattern)
    var sum = [Float](repeating: 0, count: 100)
    Kernels().add(into: &sum, littleEndian: owned, at: offset)
    #expect(sum == floats)
  }
}
