import Foundation
import Testing

@testable import tributary

/// Arguments before the parser, and messages of the parser.
@Suite struct ArgumentListTests {
  @Test(arguments: [
    ("train --seed -1", "train --seed=-1"), ("train --learning-rate -1e-3 --json", nil),
    ("digits -1", "digits -1"), ("digits -- -1", "digits -- -1"), ("--seed=3 -1", "--seed=3 -1"),
    ("train --steps --units 4", "train --steps --units 4"), ("bench x --rounds -h", nil),
  ])
  func negativeNumbersAreJoinedToTheirOption(line: String, joined: String?) {
    let expected = joined ?? line.replacing("--learning-rate -", with: "--learning-rate=-")
    #expect(ArgumentList.joiningNegativeNumbers(words(line)) == words(expected))
  }

  @Test func theFirstMalformedArgumentIsFound() {
    func find(_ words: [[UInt8]]) -> ArgumentList.Malformed? {
      ArgumentList.firstMalformed(in: Data(words.flatMap { $0 + [0] }))
    }
    let bad: [UInt8] = [0x61, 0xFF]
    let (name, run) = (Array("tributary".utf8), Array("--run".utf8))
    #expect(find([name, run, Array("é\u{FFFD}".utf8), []]) == nil)
    #expect(find([bad, run]) == nil, "the program's own name does not matter")
    #expect(find([name, run, bad, bad]) == .init(position: 2, option: "--run"))
    #expect(find([name, run, [], run + [0x3D] + bad]) == .init(position: 3, option: "--run"))
    #expect(
      find([name, bad])?.description == "argument 1 is not valid UTF-8; use UTF-8 for all arguments"
    )
  }

  @Test(arguments: [
    ("trian", "train"), ("serve", "server"), ("evalaute", "evaluate"), ("wroker", "worker"),
    ("dig", "digits"), ("fly", nil), ("frobnicate", nil),
  ])
  func commandsAreSuggestedForSimilarNames(name: String, suggestion: String?) {
    let names = ["train", "server", "worker", "evaluate", "digits", "bench", "simulate"]
    #expect(ParserMessage.suggestion(for: name, of: names) == suggestion)
  }

  @Test func messagesAboutValuesNameTheOption() {
    #expect(
      ParserMessage.rewritten("The value 'a b' is invalid for '--seed <n>'")
        == "--seed cannot be 'a b'")
    #expect(
      ParserMessage.rewritten("The value '1' is invalid for '<index>'") == "<index> cannot be '1'")
    #expect(
      ParserMessage.rewritten("The value 'x' is invalid for '--mode <m>': use sync") == "use sync")
    #expect(ParserMessage.rewritten("Unknown option '--x'") == "Unknown option '--x'")
    #expect(
      ParserMessage.rewritten("Unknown option '--x'. Did you mean '--y'?")
        == "Unknown option '--x'; did you mean '--y'?")
  }
}
