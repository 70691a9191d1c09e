import ArgumentParser
import Coordination
import Foundation
import Learning
import Processes
import Storage
import Wire
import ZeroMQ

/// The conversion of errors to one line on standard error and an exit code.
enum Failure {
  /// The exit codes, after sysexits.h.
  enum Code {
    static let ruleBroken: Int32 = 1
    static let usage: Int32 = 64
    static let badData: Int32 = 65
    static let unavailable: Int32 = 69
    static let diverged: Int32 = 70
    static let inputOutput: Int32 = 74
    static let tryAgain: Int32 = 75
    static let badSettings: Int32 = 78
  }

  /// Runs the work of a command. An error is printed as one line and ends the process with its
  /// exit code.
  static func report(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error as ExitCode {
      throw error
    } catch let error as ValidationError {
      throw error
    } catch {
      throw exit(code(of: error), "\(error)")
    }
  }

  /// Prints `message` on standard error and returns the exit code to throw.
  static func exit(_ code: Int32, _ message: String) -> ExitCode {
    Console.shared.line("tributary: \(message)")
    return ExitCode(code)
  }

  /// Ends the process after an error of the parser or of a command: prints help on standard output,
  /// or an error as one line on standard error.
  static func end(with error: any Error, arguments: [String]) -> Never {
    if let error = error as? ArgumentList.Malformed {
      Tributary.exit(withError: exit(Code.usage, "\(error)"))
    }
    let code = Tributary.exitCode(for: error)
    guard code == .validationFailure, !(error is ExitCode) else { Tributary.exit(withError: error) }
    let message = ParserMessage.line(for: error, arguments: arguments)
    Tributary.exit(withError: exit(code.rawValue, message))
  }

  private static func code(of error: any Error) -> Int32 {
    switch error {
    case let error as any StorageError:
      error.fault == .badData ? Code.badData : Code.inputOutput
    case is SettingsError: Code.usage
    case ProcessError.exposed, ProcessError.unusable: Code.badSettings
    case let error as ZeroMQError: code(of: error)
    case RunError.inUse, is ProcessError: Code.tryAgain
    case is RunError: Code.badSettings
    default: Code.inputOutput
    }
  }

  private static func code(of error: ZeroMQError) -> Int32 {
    switch error {
    case .addressInUse: Code.tryAgain
    case .invalidEndpoint, .addressNotAvailable, .permissionDenied: Code.badSettings
    default: Code.inputOutput
    }
  }

  /// Returns the exit code of a worker, and the message to print when it exits.
  ///
  /// - Parameter isLaunched: whether `tributary train` started it. The run may then be complete
  ///   before the last worker is ready, which is not an error.
  static func ending(
    _ result: WorkerProcess.Result, endpoint: String, patience: Duration, isLaunched: Bool
  ) -> (code: Int32, message: String?) {
    switch result.ending {
    case .completed: (0, nil)
    case .refused(.finished, _) where isLaunched: (0, nil)
    case .stopped: (result.signal?.exitCode ?? 0, nil)
    case .unreachable:
      (
        Code.unavailable,
        "no server answered at \(endpoint) for \(patience); start one, or check the endpoint"
      )
    case .refused(let reason, let detail): refusal(reason, detail)
    case .failed(let reason): (Code.badData, reason)
    }
  }

  private static func refusal(
    _ reason: RefusalReason, _ detail: String
  ) -> (code: Int32, message: String?) {
    let remedy: String
    let code: Int32
    switch reason {
    case .dataset: (code, remedy) = (Code.badData, "use --data with the same data as the server")
    case .recipe:
      (code, remedy) = (Code.badSettings, "leave --recipe out, or use the server's recipe")
    case .model: (code, remedy) = (Code.badSettings, "restart the worker")
    case .protocolVersion:
      (code, remedy) = (Code.badSettings, "use the same version of tributary as the server")
    case .finished, .full, .unknownMember: (code, remedy) = (Code.tryAgain, "try again later")
    case .quarantined:
      (code, remedy) = (Code.badData, "check this machine and the version of tributary")
    case .stalled: (code, remedy) = (Code.tryAgain, "restart the worker")
    case .malformed:
      (code, remedy) = (Code.badData, "use the same version of tributary as the server")
    }
    return (code, "the server refused this worker: \(detail); \(remedy)")
  }
}
