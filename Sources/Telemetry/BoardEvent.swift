/// One event of TensorBoard's event files: TensorFlow's message `Event`, as far as it is used here.
struct BoardEvent {
  /// What an event says.
  enum Content {
    /// The first event of every file.
    case fileVersion
    /// A run goes on at this step: what was written for it and later steps counts no more.
    case restart
    /// Numbers, each under its tag.
    case scalars([(tag: String, value: Double)])
    /// A text in Markdown for TensorBoard's text plugin.
    case text(tag: String, markdown: String)
  }

  /// Seconds since 1970.
  let time: Double
  /// The step it belongs to.
  let step: UInt64
  /// What it says.
  let content: Content

  /// The message's bytes. Field numbers are those of event.proto, summary.proto, tensor.proto and
  /// types.proto in TensorFlow; fields stand in the order of their numbers.
  var encoded: [UInt8] {
    var event = ProtobufWriter()
    event.double(time, field: 1)
    if step > 0 { event.integer(step, field: 2) }
    switch content {
    case .fileVersion:
      event.text("brain.Event:2", field: 3)
    case .restart:
      event.message(field: 7) { session in session.integer(1, field: 1) }  // SessionLog.START
    case .scalars(let scalars):
      event.message(field: 5) { summary in
        for scalar in scalars {
          summary.message(field: 1) { value in
            value.text(scalar.tag, field: 1)
            value.float(Float(scalar.value), field: 2)
          }
        }
      }
    case .text(let tag, let markdown):
      event.message(field: 5) { summary in
        summary.message(field: 1) { value in
          value.text(tag, field: 1)
          value.message(field: 8) { tensor in Self.write(markdown, to: &tensor) }
          value.message(field: 9) { metadata in
            metadata.message(field: 1) { plugin in plugin.text("text", field: 1) }
          }
        }
      }
    }
    return event.bytes
  }

  /// A TensorProto of one string and no dimensions.
  private static func write(_ text: String, to tensor: inout ProtobufWriter) {
    tensor.integer(7, field: 1)  // DT_STRING
    tensor.message(field: 2) { _ in }  // tensor_shape
    tensor.text(text, field: 8)
  }
}
