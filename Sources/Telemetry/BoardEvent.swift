/// One event of a TensorBoard event file: the fields of TensorFlow's message `Event` that runs use.
struct BoardEvent {
  /// The payload of an event.
  enum Content {
    /// The first event of every file.
    case fileVersion
    /// The run resumes at this step: earlier events of this and later steps are obsolete.
    case restart
    /// Numbers with their tags.
    case scalars([(tag: String, value: Double)])
    /// A Markdown text for TensorBoard's text plugin.
    case text(tag: String, markdown: String)
  }

  /// Seconds since 1970.
  let time: Double
  /// The step that the event belongs to.
  let step: UInt64
  /// The payload.
  let content: Content

  /// The encoded message. Field numbers are those of event.proto, summary.proto, tensor.proto and
  /// types.proto in TensorFlow; fields are in the order of their numbers.
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

  /// Writes a TensorProto of one string without dimensions.
  private static func write(_ text: String, to tensor: inout ProtobufWriter) {
    tensor.integer(7, field: 1)  // DT_STRING
    tensor.message(field: 2) { _ in }  // tensor_shape
    tensor.text(text, field: 8)
  }
}
