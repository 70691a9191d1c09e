import Coordination

/// Fault injection.
extension SimulatedCluster {
  mutating func inject(_ fault: Fault) throws(Violation) {
    log.append(now, "fault: \(fault)")
    switch fault {
    case .killWorker(let index, let isSilent): killWorker(index, isSilent: isSilent)
    case .stopWorker(let index): try dispatch(to: index, .stop(reason: "it was stopped"))
    case .freezeWorker(let index, let span):
      guard workers[index].core != nil else { return }
      workers[index].frozenUntil = now + span
      disturb(index, until: now + span)
    case .hangWorker(let index, let isBusy):
      (workers[index].hangsNext, workers[index].hangsBusily) = (true, isBusy)
    case .slowWorker(let index, let factor, let span):
      workers[index].slowness = (factor, now + span)
    case .jumpWorkerClock(let index, let span):
      workers[index].clock.jump(by: span)
      disturb(index)
    case .misstateVersion(let index, let results):
      (workers[index].wrongResults, workers[index].isSpoiling) = (results, false)
    case .spoilResults(let index, let results):
      (workers[index].wrongResults, workers[index].isSpoiling) = (results, true)
    case .flipBits(let index, let gradients): workers[index].wrongGradients = gradients
    case .breakConnection(let index, let isSeen): breakConnection(of: index, isSeen: isSeen)
    case .partition(let index, let partition, let span):
      network.partition(index, partition, until: now + span)
      disturb(index, until: now + span)
    case .closeStrangers(let span): events.push(.strangerCloses(until: now + span), at: now)
    case .limitLink(let index, let rate, let span): limitLink(index, to: rate, for: span)
    case .killServer(let effects?, let isTorn, let isSeen):
      if server.core != nil {
        server.pendingKill = SimulatedServer.PendingKill(
          effects: effects, isTorn: isTorn, isSeen: isSeen)
      }
    case .killServer(nil, let isTorn, let isSeen): try killServer(isTorn: isTorn, isSeen: isSeen)
    case .stopServer:
      if server.core != nil { try dispatchToServer(.stop(reason: "it was stopped")) }
    case .freezeServer(let span):
      guard server.core != nil else { return }
      server.frozenUntil = now + span
      disturbAll(until: now + span)
    case .jumpServerClock(let span):
      server.clock.jump(by: span)
      disturbAll()
    case .failWrites(let count): server.disk.failures += count
    }
  }

  private mutating func breakConnection(of index: Int, isSeen: Bool) {
    guard let number = workers[index].connection else { return }
    disturb(index)
    connections[number].isAlive = false
    if isSeen { events.push(.closes(connection: number), at: now) }
    loseConnection(of: index)
  }
}
