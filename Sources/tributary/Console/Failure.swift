import ArgumentParser
import Bench
import Coordination
import Foundation
import Learning
import Processes
import Storage
import Wire
import ZeroMQ

/// How errors become one line on standard error and an exit code.
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

  /// Runs a command's work; an error is told in one line and ends the process with its code.
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

  /// Says `message` on standard error and gives the exit code to throw.
  static func exit(_ code: Int32, _ message: String) -> ExitCode {
    Console.shared.line("tributary: \(message)")
    return ExitCode(code)
  }

  /// Ends the process with what a parsed or run command threw: help on standard output, an error in
  /// one line on standard error.
  static func end(with error: any Error, arguments: [String]) -> Never {
    let code = Tributary.exitCode(for: error)
    guard code == .validationFailure, !(error is ExitCode) else { Tributary.exit(withError: error) }
    let message = Tributary.message(for: error).split(separator: "\n").joined(separator: " ")
    Tributary.exit(withError: exit(code.rawValue, message + hint(message, arguments)))
  }

  /// Where to read on, for a message that does not say what to do; those of this program say it
  /// after a semicolon.
  private static func hint(_ message: String, _ arguments: [String]) -> String {
    guard !message.contains("; ") else { return "" }
    let names = Tributary.configuration.subcommands.map { $0.configuration.commandName }
    let command = names.contains(arguments.first) ? " " + arguments[0] : ""
    return "; see 'tributary\(command) --help'"
  }

  private static func code(of error: any Error) -> Int32 {
    switch error {
    case let error as any StorageError:
      error.fault == .badData ? Code.badData : Code.inputOutput
    case is RecipeError, is SettingsError: Code.usage
    case BenchError.stopped(let signal): signal.exitCode
    case is BenchError: Code.tryAgain
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

  /// The exit code of a worker, and what there is to say about its end.
  ///
  /// - Parameter isLaunched: whether `tributary train` started it, which may have reached its end
  ///   before the last worker is ready.
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
    case .dataset: (code, remedy) = (Code.badData, "use --data with the server's data")
    case .recipe: (code, remedy) = (Code.badSettings, "leave --recipe out, or name the server's")
    case .model: (code, remedy) = (Code.badSettings, "start the worker anew")
    case .protocolVersion: (code, remedy) = (Code.badSettings, "use the same version on both sides")
    case .finished, .full, .unknownMember: (code, remedy) = (Code.tryAgain, "try again later")
    case .quarantined: (code, remedy) = (Code.badData, "check this machine and its version")
    case .stalled: (code, remedy) = (Code.tryAgain, "start the worker anew")
    case .malformed: (code, remedy) = (Code.badData, "use the same version on both sides")
    }
    return (code, "the server refused this worker: \(detail); \(remedy)")
  }
}
