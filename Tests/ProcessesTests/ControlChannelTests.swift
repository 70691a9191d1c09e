import Foundation
import Testing

@testable import Processes

@Suite struct ControlChannelTests {
  @Test(arguments: [
    ControlLine.exhausted, .step(0), .step(.max), .status(""), .status("training, step 2 of 3"),
  ])
  func aLineIsParsedAsItWasWritten(line: ControlLine) {
    #expect(ControlLine(line.text) == line)
  }

  @Test(arguments: [
    "", " ", "exhaust", "exhausted now", "step", "step x", "step -1", "step 1 2", "EXHAUSTED",
    "step 99999999999999999999", "\u{0}",
  ])
  func anUnknownLineIsNil(text: String) { #expect(ControlLine(text) == nil) }

  @Test func linesDoNotDependOnHowTheBytesArrive() {
    let bytes = Array("step 1\nexhausted\n\nstep 22\nrest".utf8)
    for place in 0...bytes.count {
      var cutter = LineCutter()
      let lines = cutter.take(bytes[..<place]) + cutter.take(bytes[place...])
      #expect(lines == ["step 1", "exhausted", "", "step 22"])
    }
  }

  @Test func aLineThatIsTooLongIsDroppedAndTheNextOneParsed() {
    var cutter = LineCutter()
    let longest = [UInt8](repeating: 0x41, count: LineCutter.longest)
    for _ in 0..<1000 { #expect(cutter.take(longest).isEmpty) }
    #expect(cutter.take(Array("\nstep 7\n".utf8)) == ["step 7"])
    #expect(cutter.take(longest + [0x0A]) == [String(repeating: "A", count: longest.count)])
    #expect(cutter.take(longest + [0x41, 0x0A]).isEmpty)
  }

  @Test func eachEndReceivesTheLinesOfTheOtherUntilThatIsClosed() throws {
    var (own, child): (ControlChannel?, FileHandle) = try ControlChannel.make()
    own?.send(.exhausted)
    own?.send(.step(3))
    #expect(child.availableData == Data("exhausted\nstep 3\n".utf8))
    try child.write(contentsOf: Data("step 4\nwhat\nstep 5\n".utf8))
    #expect(own?.receive() == [.step(4), .step(5)])
    own = nil
    #expect(child.availableData.isEmpty)
  }

  @Test func aClosedEndIsDetectedAndLinesToItAreLost() throws {
    let (own, child) = try ControlChannel.make()
    #expect(own.isOpen && !own.isClosed)
    try child.write(contentsOf: Data("step 1\n".utf8))
    #expect(!own.isClosed)
    try child.close()
    #expect(own.isOpen && own.isClosed, "detected before the last line is read")
    #expect(own.receive() == [.step(1)])
    #expect(own.receive().isEmpty)
    #expect(!own.isOpen && own.isClosed)
    own.send(.exhausted)
    #expect(own.receive().isEmpty)
  }

  @Test func anEndThatDoesNotReadDoesNotBlockTheOther() throws {
    let (own, child) = try ControlChannel.make()
    for step in 0..<100_000 { own.send(.step(UInt64(step))) }
    #expect(child.availableData.starts(with: Data("step 0\nstep 1\n".utf8)))
  }

  @Test func theDescriptorsAreNotInheritedByOtherPrograms() throws {
    let (own, child) = try ControlChannel.make()
    for descriptor in [own.descriptor, child.fileDescriptor] {
      #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC == FD_CLOEXEC)
    }
  }
}
