import Bytes
import Numerics
import Testing

@Suite struct BytesTests {
  /// Memory of a length, each byte its place modulo 64, which makes finite floats.
  private final class Owner: BytesOwner, @unchecked Sendable {
    let memory: UnsafeRawBufferPointer
    private let farewell: @Sendable () -> Void

    init(_ count: Int, farewell: @escaping @Sendable () -> Void = {}) {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
      for place in 0..<count { bytes[place] = UInt8(place % 64) }
      memory = UnsafeRawBufferPointer(bytes)
      self.farewell = farewell
    }

    deinit {
      memory.deallocate()
      farewell()
    }
  }

  private static func places(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8($0 % 64) }
  }

  @Test(arguments: [0, 1, 63, 64, 1000])
  func anOwnersBytesAreThoseOfAnArray(count: Int) {
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

  @Test func anOwnerLivesAsLongAsItsBytes() async {
    await confirmation(expectedCount: 1) { gone in
      var bytes: Bytes? = Bytes(Owner(10) { gone() })
      let copy = bytes
      bytes = nil
      #expect(copy?.array == Self.places(10))
    }
  }

  @Test(arguments: [0, 1, 3])
  func floatsAreReadAtAnyPlaceOfAnOwnersMemory(offset: Int) {
    let (owned, array) = (Bytes(Owner(403)), Self.places(403))
    let floats = Kernels.floats(from: owned, at: offset, count: 100)
    #expect(
      floats.map(\.bitPattern)
        == Kernels.floats(from: array, at: offset, count: 100).map(\.bitPattern))
    let squares = Kernels().sumOfSquares(littleEndian: owned, at: offset, count: 100)
    #expect(squares.bitPattern == Kernels().sumOfSquares(floats).bitPattern)
    var sum = [Float](repeating: 0, count: 100)
    Kernels().add(into: &sum, littleEndian: owned, at: offset)
    #expect(sum == floats)
  }
}
