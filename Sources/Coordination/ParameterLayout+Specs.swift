package import Numerics
package import Wire

extension ParameterLayout {
  /// The layout in the form of the welcome message, in the order of the flat weight vector.
  package var specs: [TensorSpec] {
    entries.map {
      TensorSpec(
        name: $0.name, shape: $0.shape.map { UInt32(clamping: $0) }, trainable: $0.trainable)
    }
  }
}
