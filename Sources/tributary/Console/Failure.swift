import ArgumentParser
import Bench
import Coordination
import Foundation
import Learning
import Processes
import Storage
import Wire
import ZeroMQ

/// The conversion of errors to one line on standard error and an exit status.
enum Failure {
  /// Runs the work of a command. An error is printed as one line and ends the process with its
  /// status.
  static func report(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error as ExitCode {
      throw error
    } catch let error as ValidationError {
      throw error
    } catch {
      throw exit(status(of: error), SystemReason.text(of: error))
    }
  }

  /// Prints `message` on standard error and returns the exit code to throw.
  static func exit(_ status: ExitStatus, _ message: String) -> ExitCode {
    Console.shared.line("tributary: \(message)", isLast: true)
    return ExitCode(status.rawValue)
  }

  /// Prints `message`, if there is one, and throws the exit code unless the process is finished.
  static func end(with status: ExitStatus, _ message: String?) throws {
    if let message { throw exit(status, message) }
    guard status == .finished else { throw ExitCode(status.rawValue) }
  }

  /// Ends the process after an error of the parser or of a command: prints help on standard output,
  /// or an error as one line on standard error.
  static func end(with error: any Error, arguments: [String]) -> Never {
    let code = print(error, arguments: arguments)
    Console.shared.flush()
    Tributary.exit(withError: code)
  }

  /// Prints an error of the parser or of a command, except help, and returns the error to exit
  /// with.
  private static func print(_ error: any Error, arguments: [String]) -> any Error {
    if let error = error as? ArgumentList.Malformed {
      return exit(.usage, "\(error)")
    }
    if error is GivenOptions.Malformed { return exit(.usage, "\(error)") }
    if error is any StorageError { return exit(status(of: error), "\(error)") }
    let code = Tributary.exitCode(for: error)
    guard code == .validationFailure, !(error is ExitCode) else { return error }
    let message = ParserMessage.line(for: error, arguments: arguments)
    return exit(ExitStatus(rawValue: code.rawValue), message)
  }

  private static func status(of error: any Error) -> ExitStatus {
    switch error {
    case let error as any StorageError: error.fault == .badData ? .badData : .inputOutput
    case is SettingsError: .usage
    case BenchError.stopped(let signal): signal.exitStatus
    case is BenchError: .tryAgain
    case ProcessError.unusable, is AccessError: .badSettings
    case let error as HealthError: error.fault == .inUse ? .tryAgain : .badSettings
    case let error as ZeroMQError: status(of: error)
    case is MemoryShortage: .badSettings
    case is MachineFault: .faultyMachine
    case RunError.inUse, is ProcessError: .tryAgain
    case RunError.shorter: .usage
    case ObserverError.refused, is ConnectionFault: .badSettings
    case is ObserverError: .unavailable
    case is RunError: .badSettings
    default: .inputOutput
    }
  }

  private static func status(of error: ZeroMQError) -> ExitStatus {
    switch error {
    case .addressInUse: .tryAgain
    case .invalidEndpoint, .addressNotAvailable, .permissionDenied, .insufficientLibrary:
      .badSettings
    default: .inputOutput
    }
  }
}

extension Failure {
  /// Returns the exit status of a worker and the message to print.
  ///
  /// - Parameter isLaunched: whether `tributary train` started the worker. Its run may be complete
  ///   before the last worker has connected, which is not an error.
  static func ending(
    _ exit: WorkerExit, endpoint: String, isLaunched: Bool
  ) -> (status: ExitStatus, message: String?) {
    switch exit.ending {
    case .completed: (.finished, nil)
    case .refused(.finished, _) where isLaunched: (.finished, nil)
    case .stopped: (exit.signal?.exitStatus ?? .finished, nil)
    case .unreachable where exit.fault?.kind == .unauthorized:
      (.badSettings, exit.fault?.description)
    case .unreachable:
      (
        // A server that was lost may come back: the same command may succeed later.
        exit.hasJoined ? .tryAgain : .unavailable,
        exit.fault.map { "no server for \(exit.patience): \($0)" }
          ?? "no server answered at \(endpoint) for \(exit.patience); "
          + "start one, or check the endpoint"
      )
    case .refused(let reason, let detail): refusal(reason, detail)
    case .failed(let reason): (.badData, reason)
    }
  }

  private static func refusal(
    _ reason: RefusalReason, _ detail: String
  ) -> (status: ExitStatus, message: String?) {
    let (status, remedy): (ExitStatus, String) =
      switch reason {
      case .dataset: (.badData, "use --data with the same data as the server")
      case .recipe: (.badSettings, "omit --recipe, or use the server's recipe")
      case .model: (.badSettings, "restart the worker")
      case .protocolVersion: (.badSettings, "use the same version of tributary as the server")
      case .finished, .full, .unknownMember: (.tryAgain, "try again later")
      case .quarantined: (.badData, "check this machine and the version of tributary")
      case .stalled: (.tryAgain, "restart the worker")
      case .malformed: (.badData, "use the same version of tributary as the server")
      }
    return (status, "the server refused this worker: \(detail); \(remedy)")
  }
}
