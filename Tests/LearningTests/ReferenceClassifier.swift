import Numerics

@testable import Learning

/// A reference implementation of the model in double precision with plain loops, written from the
/// definitions. Its gradients are verified by central differences.
struct ReferenceClassifier {
  /// The values that an LSTM layer computed for one row.
  struct Trace {
    /// [time steps][features, or units of the layer below]: the inputs.
    var inputs: [[Double]]
    /// [time steps][4 * units]: sigmoid(i), tanh(j), sigmoid(f + 1), sigmoid(o).
    var gates: [[Double]] = []
    /// [time steps + 1][units]: the states before the first time step and after each.
    var cells: [[Double]] = []
    /// [time steps + 1][units]: the outputs before the first time step and after each.
    var outputs: [[Double]] = []
  }

  /// The values that batch normalization computed over the rows of a slice.
  struct Normalized {
    var mean: [Double]
    var variance: [Double]
    /// [rows][units]: (x - mean) / sqrt(variance + 0.001).
    var centred: [[Double]]
  }

  let shape: ModelShape
  let weights: [Double]
  let minibatch: Minibatch
  let slices: [Range<Int>]

  init(_ shape: ModelShape, weights: [Float], minibatch: Minibatch, slices: [Range<Int>]) {
    self.init(shape, weights: weights.map(Double.init), minibatch: minibatch, slices: slices)
  }

  init(_ shape: ModelShape, weights: [Double], minibatch: Minibatch, slices: [Range<Int>]) {
    self.shape = shape
    self.weights = weights
    self.minibatch = minibatch
    self.slices = slices
  }

  var units: Int { shape.units }

  /// Returns the offset of a tensor in the flat vector, computed independently of the layout.
  func start(_ name: String) -> Int {
    var offset = 0
    for entry in shape.layout.entries {
      if entry.name == name { return offset }
      offset += entry.shape.reduce(1, *)
    }
    return offset
  }

  func input(row: Int, step: Int) -> [Double] {
    let start = (row * shape.timeSteps + step) * shape.features
    return minibatch.pixels[start..<start + shape.features].map(Double.init)
  }

  /// Computes all layers from the bottom; each reads the outputs of the layer below.
  func traces(row: Int) -> [Trace] {
    var inputs = (0..<shape.timeSteps).map { input(row: row, step: $0) }
    return (1...shape.layers).map { layer in
      let trace = trace(layer, inputs)
      inputs = Array(trace.outputs[1...])
      return trace
    }
  }

  /// Computes a layer as BasicLSTMCell does: gates i, j, f, o of `[x, h] @ kernel + bias`, with a
  /// forget bias of 1.
  private func trace(_ layer: Int, _ inputs: [[Double]]) -> Trace {
    let zeros = [Double](repeating: 0, count: units)
    let kernel = start(TensorName.lstmKernel(layer: layer))
    var trace = Trace(inputs: inputs, gates: [], cells: [zeros], outputs: [zeros])
    for (step, input) in inputs.enumerated() {
      var gates = sums(
        input + trace.outputs[step], kernel: kernel, bias: TensorName.lstmBias(layer: layer))
      var cell = zeros
      var output = zeros
      for unit in 0..<units {
        gates[unit] = sigmoid(gates[unit])
        gates[units + unit] = tanhOf(gates[units + unit])
        gates[2 * units + unit] = sigmoid(gates[2 * units + unit] + 1)
        gates[3 * units + unit] = sigmoid(gates[3 * units + unit])
        cell[unit] =
          trace.cells[step][unit] * gates[2 * units + unit] + gates[unit] * gates[units + unit]
        output[unit] = tanhOf(cell[unit]) * gates[3 * units + unit]
      }
      trace.gates.append(gates)
      trace.cells.append(cell)
      trace.outputs.append(output)
    }
    return trace
  }

  /// Returns the last output of the top layer, [units].
  func lastOutput(_ traces: [Trace]) -> [Double] {
    traces[shape.layers - 1].outputs[shape.timeSteps]
  }

  /// Returns `x @ kernel + bias`.
  func sums(_ x: [Double], kernel: Int, bias: String) -> [Double] {
    let columns = bias == TensorName.denseBias ? shape.classes : 4 * units
    let bias = start(bias)
    return (0..<columns).map { column in
      x.indices.reduce(weights[bias + column]) { sum, k in
        sum + x[k] * weights[kernel + k * columns + column]
      }
    }
  }

  /// Computes batch normalization over the rows of one slice, without gamma and beta.
  func normalized(_ rows: [[Double]]) -> Normalized {
    var mean = [Double](repeating: 0, count: units)
    var variance = [Double](repeating: 1, count: units)
    if shape.normalization == .batch {
      for unit in 0..<units {
        let values = rows.map { $0[unit] }
        mean[unit] = values.reduce(0, +) / Double(rows.count)
        let squares = values.map { ($0 - mean[unit]) * ($0 - mean[unit]) }
        variance[unit] = squares.reduce(0, +) / Double(rows.count)
      }
    }
    let centred = rows.map { row in
      (0..<units).map { (row[$0] - mean[$0]) / (variance[$0] + 0.001).squareRoot() }
    }
    return Normalized(mean: mean, variance: variance, centred: centred)
  }

  /// Returns the input of the dense layer for a row, [units].
  func denseInput(output: [Double], centred: [Double]) -> [Double] {
    guard shape.normalization != .none else { return output }
    let gamma = start(TensorName.gamma)
    let beta = start(TensorName.beta)
    return (0..<units).map { weights[gamma + $0] * centred[$0] + weights[beta + $0] }
  }

  func probabilities(denseInput: [Double]) -> [Double] {
    let logits = sums(
      denseInput, kernel: start(TensorName.denseKernel), bias: TensorName.denseBias)
    let exponentials = logits.map(exponential)
    return exponentials.map { $0 / exponentials.reduce(0, +) }
  }

  /// The mean cross entropy over all rows.
  var loss: Double {
    var sum = 0.0
    for slice in slices {
      let outputs = slice.map { lastOutput(traces(row: $0)) }
      let normalized = normalized(outputs)
      for (place, row) in slice.enumerated() {
        let input = denseInput(output: outputs[place], centred: normalized.centred[place])
        sum -= logarithm(probabilities(denseInput: input)[Int(minibatch.labels[row])])
      }
    }
    return sum / Double(minibatch.rows)
  }
}
