import ArgumentParser

/// The time that a command waits for an answer of a server.
struct WaitOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Time to wait for the server.", valueName: "seconds"))
  var connectTimeout = 10.0

  func validate() throws {
    guard (0.1...86_400).contains(connectTimeout) else {
      throw ValidationError(
        "--connect-timeout cannot be \(connectTimeout.optionText); use 0.1 to 86400 seconds")
    }
  }
}
