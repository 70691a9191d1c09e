import Coordination
import Telemetry
import Testing

@Suite struct NotebookLineTests {
  /// A line of the notebook's output, character by character.
  @Test func theLineIsThatOfTheNotebook() {
    #expect(
      NotebookLine.text(.sample(10), batchSize: 100)
        == "(1000 / 100000)    Minibatch loss=1.850881    Accuracy=0.43000")
  }

  @Test func thereIsALineForEveryTenthStep() {
    let lines = (1...999).compactMap { NotebookLine.text(.sample($0), batchSize: 100) }
    #expect(lines.count == 99)
    #expect(lines.first?.hasPrefix("(1000 / 100000) ") == true)
    #expect(lines.last?.hasPrefix("(99000 / 100000) ") == true)
  }

  @Test func theCountsFollowTheBatch() {
    let line = NotebookLine.text(.sample(20, of: 49), batchSize: 50)
    #expect(line?.hasPrefix("(1000 / 2500) ") == true)
  }

  @Test func theDigitsAreFixedForAnyLoss() {
    let line = NotebookLine.text(.sample(10, loss: 1200, correct: 100), batchSize: 100)
    #expect(line == "(1000 / 100000)    Minibatch loss=12.000000    Accuracy=1.00000")
  }
}
