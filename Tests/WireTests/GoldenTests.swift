import Testing
import Wire

/// The samples as another implementation writes them.
///
/// The bytes come from a program in Python that follows the description of the layout with
/// `struct.pack` and a CRC32C of its own, checked against the value for "123456789" in RFC 3720.
@Suite struct GoldenTests {
  @Test(arguments: Sample.allCases)
  func aMessageIsEncodedAsTheReferenceDoesIt(sample: Sample) {
    #expect(sample.message.encoded().map(hexadecimal) == sample.golden.map(hexadecimal))
  }

  @Test(arguments: Sample.allCases)
  func theReferencesBytesAreDecoded(sample: Sample) throws {
    #expect(try Message(frames: sample.golden) == sample.message)
  }

  @Test func theTensorsElementsAreTheReferences() throws {
    let tensor = try EncodedTensor(validating: Sample.goldenTensor)
    #expect(tensor.shape == [2] && tensor.dtype == .float32)
    #expect(try tensor.floats() == [1, -2.5])
  }
}

extension Sample {
  static let goldenTensor = bytes(
    """
    54524954c79151eb010001010000000002000000000000000200000000000000
    0000000000000000000000000000000000000000000000000000000000000000
    0000803f000020c0
    """)

  var golden: [[UInt8]] {
    self == .grant || self == .push ? [goldenHeader, Self.goldenTensor] : [goldenHeader]
  }

  private var goldenHeader: [UInt8] {
    switch self {
    case .hello:
      bytes(
        """
        545249424d666d6a0100010000000000010001000700000077c3b6726b657209
        00000000000000060000006469676974730200000076310300000000000000
        """)
    case .welcome:
      bytes(
        """
        54524942bdf4d2eb010002000000000001000700000000000000010000000500
        0000756e69747303000000313238060000006469676974730100000009000000
        6c73746d2f62696173010000000002000001e803000088130000
        """)
    case .refusal:
      bytes("54524942d00554d50100030000000000020a0000006f746865722064617461")
    case .ready:
      bytes("54524942daf8e1770100040000000000")
    case .grant:
      bytes(
        """
        545249427d6f1666010005000100000001070000000000000001000000000000
        0004040000006c61746502000000070000000000000001000000000000002a00
        0000000000000105000000000000000000000004000000070000000000000002
        000000000000002a0000000000000002010000000000000000f4010000000000
        002a0000000000000001
        """)
    case .push:
      bytes(
        """
        5452494296e69718010006000100000007000000000000000100000000000000
        2a0000000000000001000000000000000000e03f030000000000000004000000
        00000000010000000000000001000000
        """)
    case .heartbeat:
      bytes("545249427a02bbc00100070000000000e803000000000000")
    case .drain:
      bytes("54524942a739d277010008000000000004000000646f6e65")
    case .farewell:
      bytes("5452494203f0bc33010009000000000003000000627965")
    }
  }
}
