import Coordination
import Testing

@testable import Processes

@Suite struct LogBudgetTests {
  @Test func aBurstAndThenOneASecondPass() {
    var budget = LogBudget(capacity: 3, perSecond: 1)
    let times = (0..<50).map { Double($0) / 8 }
    let passed = times.filter { budget.take(at: .seconds($0)) != nil }
    #expect(passed == [0, 0.125, 0.25, 1, 2, 3, 4, 5, 6])
  }

  @Test func suppressedLinesAreCounted() {
    var budget = LogBudget(capacity: 2, perSecond: 1)
    #expect((0..<5).map { _ in budget.take(at: .seconds(7)) } == [0, 0, nil, nil, nil])
    #expect(budget.takeSuppressed(at: .seconds(7.5)) == nil)
    #expect(budget.take(at: .seconds(8)) == 3)
    #expect(budget.takeSuppressed(at: .seconds(20)) == nil)
  }

  @Test func theyAreReportedWithoutAnotherLine() {
    var budget = LogBudget(capacity: 1, perSecond: 1)
    #expect((0..<9).compactMap { _ in budget.take(at: .seconds(1)) } == [0])
    #expect(budget.takeSuppressed(at: .seconds(2)) == 8)
    #expect(budget.takeSuppressed(at: .seconds(9)) == nil)
  }
}

extension Moment {
  fileprivate static func seconds(_ seconds: Double) -> Moment {
    Moment(nanoseconds: UInt64((seconds * 1e9).rounded()))
  }
}
