import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Results that are not finite: divergence, or a faulty worker.
@Suite struct ArbitrationTests {
  private let settings = TrainingSettings.tiny(steps: 5)

  /// The reasons of the reported divergences.
  private func divergences(_ cluster: Cluster) -> [String] {
    cluster.reports.compactMap {
      if case .diverged(let reason) = $0.report { reason } else { nil }
    }
  }

  @Test(arguments: Mode.allCases, [UInt64?.none, 1, 2, 3])
  func aFaultyWorkerIsQuarantinedAtItsFirstResult(mode: Mode, seed: UInt64?) throws {
    let settings = TrainingSettings.tiny(mode, steps: 9)
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(isQuarantined(cluster.workers[0]))
    #expect(cluster.workers[1].ending == .completed && cluster.workers[2].ending == .completed)
    #expect((0..<9).allSatisfy(cluster.server.applied.contains))
    if mode == .sync { #expect(cluster.weights == sequentialWeights(settings)) }
  }

  /// With two workers, one of them is right: the work decides, not the number of results.
  @Test func oneFaultyWorkerOfTwoIsQuarantined() throws {
    var cluster = Cluster(settings, workers: 2)
    cluster.workers[1].tamper = { [$0.with(values: $0.values.map { _ in .infinity })] }
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.departures.first?.contains("not finite") == true)
  }

  /// The server's own result decides, not the number of workers that agree.
  @Test(arguments: Mode.allCases, [2, 3, 5])
  func workersThatAgreeCannotEndTheRun(mode: Mode, count: Int) throws {
    let settings = TrainingSettings.tiny(mode, steps: 9)
    var cluster = Cluster(settings, workers: count + 1)
    for index in 0..<count {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    }
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(divergences(cluster).isEmpty)
    #expect(cluster.workers[0..<count].allSatisfy(isQuarantined))
    if mode == .sync { #expect(cluster.weights == sequentialWeights(settings)) }
  }

  /// The run waits for another worker after that.
  @Test(arguments: Mode.allCases)
  func theOnlyWorkerIsQuarantinedForOneFlippedResult(mode: Mode) throws {
    let settings = TrainingSettings.tiny(mode, steps: 5)
    var cluster = Cluster(settings, workers: 1)
    let id = LeaseID(incarnation: 0xABC, counter: 2)
    cluster.workers[0].tamper = { result in
      [result.id == id ? result.with(values: [.nan] + result.values.dropFirst()) : result]
    }
    try cluster.run { !$0.departures.isEmpty }
    cluster.join()
    try cluster.run()
    #expect(isQuarantined(cluster.workers[0]))
    #expect(cluster.outcome == .completed)
    if mode == .sync { #expect(cluster.weights == sequentialWeights(settings)) }
  }

  private func isQuarantined(_ worker: ScriptedWorker) -> Bool {
    if case .refused(.quarantined, let detail) = worker.ending {
      detail.contains("not finite")
    } else {
      false
    }
  }

  /// Actual divergence without faulty workers: the weights exceed the range of 32-bit floats.
  @Test(arguments: Mode.allCases, [1, 2, 4])
  func aLearningRateThatIsFarTooLargeDiverges(mode: Mode, count: Int) throws {
    let settings = TrainingSettings.tiny(mode, steps: 9) { $0.learningRate = 3e38 }
    var cluster = Cluster(settings, workers: count)
    try cluster.run()
    guard case .diverged(let step) = cluster.outcome else {
      Issue.record("\(String(describing: cluster.outcome))")
      return
    }
    #expect(step < 9)
    #expect(divergences(cluster).first?.contains("the server computed") == true)
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test func aWorkerThatLeavesBeforeTheDecisionIsQuarantinedToo() throws {
    var cluster = Cluster(settings, workers: 2)
    cluster.recomputes = false
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run { !$0.recomputing.isEmpty }
    cluster.disconnect(0)
    try cluster.run { $0.server.members.count == 1 }
    cluster.recomputes = true
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(
      cluster.server.state.quarantine == [WorkerIncarnation(name: "worker-0", incarnation: 1)])
  }

  /// Each computation of the server needs its own copy of the weights in mode `async`.
  @Test func theNumberOfComputationsOfTheServerIsBounded() throws {
    let settings = TrainingSettings.tiny(.async, steps: 40)
    var cluster = Cluster(settings, workers: 30)
    cluster.recomputes = false
    for index in 0..<30 {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    }
    let disputes = { (cluster: Cluster) in
      cluster.reports.count { if case .disputed = $0.report { true } else { false } }
    }
    try cluster.run { disputes($0) >= 60 }
    #expect(cluster.recomputing.count == 16)
    cluster.recomputes = true
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect((0..<40).allSatisfy(cluster.server.applied.contains))
  }

  /// The sum of finite gradients can exceed the range of Adam's second moment.
  @Test func aSumThatOverflowsDiverges() throws {
    var cluster = Cluster(settings, workers: 2)
    for index in 0..<2 {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { _ in 1.2e18 })] }
    }
    try cluster.run()
    #expect(cluster.outcome == .diverged(step: cluster.server.version))
    #expect(divergences(cluster).first?.contains("range of numbers") == true)
  }

  /// A quarantine survives a restart of the server.
  @Test func aQuarantineIsPartOfTheState() throws {
    var cluster = Cluster(settings, workers: 3)
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run { !$0.departures.isEmpty }
    let state = cluster.server.state
    #expect(state.quarantine == [WorkerIncarnation(name: "worker-0", incarnation: 1)])
    var server = ServerCore(
      state, dataset: TinyData().description, incarnation: 2, policy: Policy())
    let hello = Hello.sample(name: "worker-0", incarnation: 1)
    let refusal = server.handle(.received(.hello(hello), from: .a)).refusal(to: .a)
    #expect(refusal?.reason == .quarantined)
    let restarted = Hello.sample(name: "worker-0", incarnation: 99)
    #expect(server.handle(.received(.hello(restarted), from: .b)).refusal(to: .b) == nil)
  }

  @Test(arguments: [1.7e308, -1, .greatestFiniteMagnitude] as [Double])
  func aLossThatNoModelCanHaveIsRejected(loss: Double) throws {
    let settings = TrainingSettings.tiny(steps: 3, evaluateEvery: 1)
    var undisturbed = Cluster(settings, workers: 1)
    try undisturbed.run()
    var cluster = Cluster(settings, workers: 1)
    let id = LeaseID(incarnation: 0xABC, counter: 1)
    cluster.workers[0].tamper = { result in
      [result.id == id ? result.with(sums: result.sums.map { $0.with(loss: loss) }) : result]
    }
    try cluster.run()
    #expect(cluster.verdicts.compactMap(\.rejection).first?.contains("possible range") == true)
    #expect(cluster.evaluations.map(\.results) == undisturbed.evaluations.map(\.results))
  }
}
