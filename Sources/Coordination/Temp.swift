import Wire
struct CostEstimate: Sendable {
  private var compute: Double?
  private var mean = 0.0, deviation = 0.0
  mutating func record(elapsed: Duration, computed: Duration, samples: UInt64) {
    let c = computed.seconds / Double(max(samples, 1)), l = max(elapsed.seconds - computed.seconds, 0)
    if let old = compute {
      compute = c < old ? c : old + (c - old) * 0.1
      deviation += (abs(l - mean) - deviation) / 4
      mean += (l - mean) / 8
    } else { compute = c; mean = l; deviation = l / 2 }
  }
  func expected(samples: UInt64) -> Duration? { compute.map { .seconds($0 * Double(samples) + mean) } }
  func limit(samples: UInt64) -> Duration? {
    compute.map { max(.milliseconds(10), .seconds(4 * $0 * Double(samples) + mean + 4 * deviation)) }
  }
}
struct Quorum: Sendable {
  let startWith: Int, floor: Int
  var ready = 0, open = false, since: Moment?, reported: Int?
  init(startWith: Int, floor: Int) { self.startWith = max(startWith, 1); self.floor = max(floor, 1) }
  var needed: Int { open ? floor : max(startWith, floor) }
  var isShort: Bool { ready < needed }
  var mayTrain: Bool { open && !isShort }
  mutating func update(ready: Int) { self.ready = ready; if ready >= max(startWith, floor) { open = true } }
  mutating func absence(at now: Moment, limit: Duration) -> Bool {
    guard isShort else { since = nil; return false }
    let s = since ?? now; since = s
    return now.since(s) >= limit
  }
  mutating func report() -> (needed: Int, present: Int)? {
    guard isShort else { reported = ready; return nil }
    guard ready != reported, reported != nil || needed > 1 else { return nil }
    reported = ready
    return (needed, ready)
  }
}
struct CheckpointSchedule: Sendable {
  let interval: CheckpointInterval
  var requested: (version: UInt64, isEvaluated: Bool, time: Moment?)
  init(interval: CheckpointInterval, version: UInt64, isEvaluated: Bool) {
    self.interval = interval; requested = (version, isEvaluated, nil) }
  mutating func isDue(version: UInt64, at now: Moment) -> Bool {
    let last = requested.time ?? now
    requested.time = last
    guard version > requested.version else { return false }
    return switch interval {
    case .steps(let c): version / max(c, 1) > requested.version / max(c, 1)
    case .time(let d): now.since(last) >= d
    case .never: false
    }
  }
  mutating func request(version: UInt64, isEvaluated: Bool, at now: Moment) -> Bool {
    guard requested.version != version || requested.isEvaluated != isEvaluated else { return false }
    requested = (version, isEvaluated, now)
    return true
  }
  mutating func confirm(version: UInt64, isEvaluated: Bool, succeeded: Bool, at now: Moment) {}
}
extension StepAssembly {
  mutating func shares(among w: Int) -> [Range<Int>] {
    var out: [Range<Int>] = []
    var waiting = w
    while out.count < w, let run = popRun(atMost: (openCount + waiting - 1) / max(waiting, 1)) { out.append(run); waiting -= 1 }
    return out
  }
}
extension BatchQueue { var isExhausted: Bool { var c = self; return c.popNext() == nil } }
extension EvaluationRound { var hasOpen: Bool { var c = self; return c.popNext() != nil } }
