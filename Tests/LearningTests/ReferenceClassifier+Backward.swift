import Numerics

@testable import Learning

extension ReferenceClassifier {
  /// The gradient of ``loss``, [layout.trainableCount], computed by the chain rule.
  var gradient: [Double] {
    var gradient = [Double](repeating: 0, count: shape.layout.trainableCount)
    for slice in slices { addGradient(of: slice, to: &gradient) }
    return gradient
  }

  private func addGradient(of slice: Range<Int>, to gradient: inout [Double]) {
    let traces = slice.map(traces)
    let outputs = traces.map(lastOutput)
    let normalized = normalized(outputs)
    var dInputs: [[Double]] = []
    for (place, row) in slice.enumerated() {
      let input = denseInput(output: outputs[place], centred: normalized.centred[place])
      var dLogits = probabilities(denseInput: input)
      dLogits[Int(minibatch.labels[row])] -= 1
      dLogits = dLogits.map { $0 / Double(minibatch.rows) }
      dInputs.append(addDense(input: input, dLogits: dLogits, to: &gradient))
    }
    let dOutputs = addNormalization(outputs, normalized, dInputs, to: &gradient)
    for (traces, dOutput) in zip(traces, dOutputs) {
      addLSTM(traces, dOutput: dOutput, to: &gradient)
    }
  }

  private func addDense(
    input: [Double], dLogits: [Double], to gradient: inout [Double]
  ) -> [Double] {
    let kernel = start(TensorName.denseKernel)
    let bias = start(TensorName.denseBias)
    var dInput = [Double](repeating: 0, count: units)
    for column in 0..<shape.classes {
      gradient[bias + column] += dLogits[column]
      for unit in 0..<units {
        gradient[kernel + unit * shape.classes + column] += input[unit] * dLogits[column]
        dInput[unit] += weights[kernel + unit * shape.classes + column] * dLogits[column]
      }
    }
    return dInput
  }

  /// Backpropagates through gamma and beta, then through variance and mean to the rows.
  private func addNormalization(
    _ outputs: [[Double]], _ normalized: Normalized, _ dInputs: [[Double]],
    to gradient: inout [Double]
  ) -> [[Double]] {
    guard shape.normalization != .none else { return dInputs }
    let gamma = start(TensorName.gamma)
    let beta = start(TensorName.beta)
    let count = Double(outputs.count)
    var dOutputs = dInputs
    for unit in 0..<units {
      let deviation = (normalized.variance[unit] + 0.001).squareRoot()
      var dMean = 0.0
      var dVariance = 0.0
      for row in outputs.indices {
        gradient[beta + unit] += dInputs[row][unit]
        gradient[gamma + unit] += dInputs[row][unit] * normalized.centred[row][unit]
        let dCentred = dInputs[row][unit] * weights[gamma + unit]
        dOutputs[row][unit] = dCentred / deviation
        dMean -= dCentred / deviation
        dVariance -= dCentred * normalized.centred[row][unit] / (2 * deviation * deviation)
      }
      guard shape.normalization == .batch else { continue }
      for row in outputs.indices {
        let distance = outputs[row][unit] - normalized.mean[unit]
        dOutputs[row][unit] += dMean / count + dVariance * 2 * distance / count
      }
    }
    return dOutputs
  }

  /// Backpropagates from the top layer down; the gradient of a layer's inputs is that of the
  /// outputs of the layer below.
  private func addLSTM(_ traces: [Trace], dOutput: [Double], to gradient: inout [Double]) {
    let zeros = [Double](repeating: 0, count: units)
    var dOutputs = Array(repeating: zeros, count: shape.timeSteps - 1) + [dOutput]
    for layer in (1...shape.layers).reversed() {
      dOutputs = addLayer(layer, traces[layer - 1], dOutputs, to: &gradient)
    }
  }

  /// Backpropagates through a layer and returns the gradients of its inputs.
  private func addLayer(
    _ layer: Int, _ trace: Trace, _ dOutputs: [[Double]], to gradient: inout [Double]
  ) -> [[Double]] {
    let kernel = start(TensorName.lstmKernel(layer: layer))
    let bias = start(TensorName.lstmBias(layer: layer))
    var dInputs = trace.inputs
    var dBefore = [Double](repeating: 0, count: units)
    var dCell = dBefore
    for step in (0..<shape.timeSteps).reversed() {
      let dOutput = zip(dOutputs[step], dBefore).map(+)
      let dSums = sumsGradient(trace, step: step, dOutput: dOutput, dCell: &dCell)
      let joined = trace.inputs[step] + trace.outputs[step]
      var dJoined = [Double](repeating: 0, count: joined.count)
      for column in 0..<4 * units {
        gradient[bias + column] += dSums[column]
        for k in joined.indices {
          let place = kernel + k * 4 * units + column
          gradient[place] += joined[k] * dSums[column]
          dJoined[k] += weights[place] * dSums[column]
        }
      }
      dInputs[step] = Array(dJoined.dropLast(units))
      dBefore = Array(dJoined.suffix(units))
    }
    return dInputs
  }

  /// Computes the gradients of the gates' pre-activations from dh and dc after a time step, and
  /// replaces dc by that before the time step.
  private func sumsGradient(
    _ trace: Trace, step: Int, dOutput: [Double], dCell: inout [Double]
  ) -> [Double] {
    var dSums = [Double](repeating: 0, count: 4 * units)
    for unit in 0..<units {
      let gates = trace.gates[step]
      let (i, j) = (gates[unit], gates[units + unit])
      let (f, o) = (gates[2 * units + unit], gates[3 * units + unit])
      let squashed = tanhOf(trace.cells[step + 1][unit])
      let d = dCell[unit] + dOutput[unit] * o * (1 - squashed * squashed)
      dSums[unit] = d * j * i * (1 - i)
      dSums[units + unit] = d * i * (1 - j * j)
      dSums[2 * units + unit] = d * trace.cells[step][unit] * f * (1 - f)
      dSums[3 * units + unit] = dOutput[unit] * squashed * o * (1 - o)
      dCell[unit] = d * f
    }
    return dSums
  }
}
