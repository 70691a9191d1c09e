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
        54524942c6742330010001000000000000000000010001000700000077c3b672
        6b65720900000000000000060000006469676974730200000076310300000000
        000000
        """)
    case .welcome:
      bytes(
        """
        545249426cd062c4010002000000000000000000010007000000000000000100
        000005000000756e697473030000003132380600000064696769747301000000
        090000006c73746d2f62696173010000000002000001e803000088130000
        """)
    case .refusal:
      bytes(
        """
        545249424ada5d3a010003000000000000000000020a0000006f746865722064
        617461
        """)
    case .ready:
      bytes("54524942ea147c39010004000000000000000000")
    case .grant:
      bytes(
        """
        54524942ae5a6804010005000100000000000000010700000000000000010000
        000000000004040000006c617465020000000700000000000000010000000000
        00002a0000000000000001050000000000000000000000040000000700000000
        00000002000000000000002a0000000000000002010000000000000000f40100
        00000000002a0000000000000001
        """)
    case .push:
      bytes(
        """
        5452494217860490010006000100000000000000070000000000000001000000
        000000002a0000000000000001000000000000000000e03f0300000000000000
        0400000000000000010000000000000001000000
        """)
    case .heartbeat:
      bytes("545249421fe6a67e010007000000000000000000e803000000000000")
    case .drain:
      bytes("54524942ba59829c01000800000000000000000004000000646f6e65")
    case .farewell:
      bytes("5452494251a4211301000900000000000000000003000000627965")
    }
  }
}
