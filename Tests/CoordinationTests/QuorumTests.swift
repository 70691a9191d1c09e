import Testing

@testable import Coordination

@Suite struct QuorumTests {
  private func reports(_ quorum: inout Quorum, _ ready: [Int]) -> [[Int]] {
    ready.compactMap { count in
      quorum.update(ready: count)
      return quorum.report().map { [$0.needed, $0.present] }
    }
  }

  @Test func trainingStartsWithEnoughWorkersAndContinuesAboveTheFloor() {
    var quorum = Quorum(startWith: 4, floor: 2)
    let states = [0, 3, 4, 3, 2, 1, 2, 0].map { ready in
      let hasChanged = quorum.update(ready: ready)
      #expect(quorum.isShort == !quorum.mayTrain)
      return (quorum.mayTrain, quorum.needed, hasChanged)
    }
    #expect(states.map(\.0) == [false, false, true, true, true, false, true, false])
    #expect(states.map(\.1) == [4, 4, 2, 2, 2, 2, 2, 2])
    #expect(states.map(\.2) == [false, false, true, false, false, true, true, true])
  }

  @Test func oneWorkerIsAlwaysNeeded() {
    for startWith in [0, 1] {
      var quorum = Quorum(startWith: startWith, floor: 0)
      #expect(quorum.needed == 1 && quorum.isShort)
      #expect(quorum.update(ready: 1) == true)
      #expect(quorum.mayTrain)
    }
  }

  @Test func theFloorAppliesToTheStartAsWell() {
    var quorum = Quorum(startWith: 1, floor: 3)
    #expect(quorum.update(ready: 2) == false)
    #expect(quorum.needed == 3)
    #expect(quorum.update(ready: 3) == true)
    #expect(quorum.needed == 3)
  }

  @Test func anAbsenceBeginsWhenWorkersAreMissing() {
    var quorum = Quorum(startWith: 1, floor: 2)
    let limit = Duration.seconds(10)
    #expect(quorum.absence(at: .seconds(5), limit: limit) == false)
    quorum.update(ready: 1)
    #expect(quorum.absence(at: .seconds(14), limit: limit) == false)
    #expect(quorum.absence(at: .seconds(15), limit: limit) == true)
    quorum.update(ready: 2)
    #expect(quorum.absence(at: .seconds(99), limit: limit) == false)
    quorum.update(ready: 1)
    #expect(quorum.absence(at: .seconds(100), limit: limit) == false)
    #expect(quorum.absence(at: .seconds(109), limit: limit) == false)
    #expect(quorum.absence(at: .seconds(110), limit: limit) == true)
  }

  @Test func everyChangedNumberOfMissingWorkersIsReportedOnce() {
    var quorum = Quorum(startWith: 3, floor: 2)
    let found = reports(&quorum, [0, 0, 1, 1, 2, 3, 2, 1, 1, 0, 1, 2, 1])
    #expect(found == [[3, 0], [3, 1], [3, 2], [2, 1], [2, 0], [2, 1], [2, 1]])
  }

  @Test func theWaitForTheFirstOfOneWorkerIsNotReported() {
    var quorum = Quorum(startWith: 1, floor: 1)
    #expect(reports(&quorum, [0, 0, 1, 2, 0, 0, 1, 0]) == [[1, 0], [1, 0]])
  }
}
