import Bytes
import Numerics
import Storage

/// The parts of a safetensors file, to which lies are applied before they are joined and sealed.
struct SafetensorsParts {
  /// The header.
  var header: JSONValue
  /// The elements of all tensors.
  var elements: [UInt8]

  /// Creates the parts of a file.
  init(_ file: Safetensors) {
    var members: [(name: String, value: JSONValue)] = []
    if !file.metadata.isEmpty { members.append(("__metadata__", .texts(file.metadata))) }
    elements = []
    for tensor in file.tensors {
      let start = elements.count
      Kernels.append(tensor.values, to: &elements)
      members.append(
        (
          tensor.name,
          .object([
            ("dtype", .text("F32")), ("shape", .list(tensor.shape.map { .number($0) })),
            ("data_offsets", .list([.number(start), .number(elements.count)])),
          ])
        ))
    }
    header = .object(members)
  }

  /// Applies one lie: mostly to the header, else to the elements.
  mutating func lie(_ source: inout ByteSource) {
    if source.oneIn(8) { Frame.lie(&elements, &source) } else { header.lie(&source) }
  }

  /// The file. If the header contains a checksum, it is made valid.
  var file: [UInt8] {
    let text = Array(header.rendered.utf8)
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    bytes += text + elements
    Self.seal(&bytes, headerEnd: 8 + text.count)
    return bytes
  }

  /// The name and the opening quote of the checksum in a header.
  private static let opening = Array("\"checksum\":\"".utf8)

  /// Replaces the eight digits of the first checksum in the header, if there is one, by those of
  /// the file with zeros in their place.
  static func seal(_ bytes: inout [UInt8], headerEnd: Int) {
    let last = min(headerEnd, bytes.count) - opening.count - 8
    guard last >= 8, let start = (8...last).first(where: { bytes[$0...].starts(with: opening) })
    else { return }
    let digits = start + opening.count..<start + opening.count + 8
    bytes.replaceSubrange(digits, with: Array(repeating: UInt8(ascii: "0"), count: 8))
    bytes.replaceSubrange(digits, with: CRC32C.checksum(bytes).hexadecimal.utf8)
  }
}
