import ArgumentParser
import Foundation
import Storage
import Wire

/// The command that shows images of a dataset in the terminal.
struct DigitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "digits", abstract: "Show images of a dataset and their labels in the terminal.")

  @Argument(help: ArgumentHelp("Numbers of the images, counted from 0.", valueName: "index"))
  var indices: [Int] = [0, 1, 2]

  @Option(
    help: ArgumentHelp("Split of the dataset: train, validation or test.", valueName: "name"),
    completion: Split.completion)
  var split = "test"

  @OptionGroup var data: DataOptions

  func run() throws {
    try Failure.report {
      let split = try Split(option: split)
      let dataset = try data.load()
      let count = dataset.count(split)
      for index in indices where !(0..<count).contains(index) {
        throw ValidationError(
          "there is no image \(index) in the \(split) split of \(dataset.name); "
            + "use 0 to \(count - 1)")
      }
      for index in indices {
        try StandardOutput.writeLine(
          "\(dataset.name) \(split) \(index): label \(dataset.label(split, index))")
        try StandardOutput.writeLine(Self.picture(dataset, split, index))
      }
    }
  }

  /// Returns the image as lines of half blocks: each character shows two pixels, one above the
  /// other, in the 24 greys of a 256-colour terminal. If standard output is not a terminal, plain
  /// characters are used.
  private static func picture(_ dataset: Dataset, _ split: Split, _ index: Int) -> String {
    let pixels = Array(dataset.pixels(split, index))
    let isTerminal = isatty(STDOUT_FILENO) == 1
    return stride(from: 0, to: dataset.height, by: 2).map { row in
      let upper = pixels[row * dataset.width..<(row + 1) * dataset.width]
      let lower =
        row + 1 < dataset.height
        ? Array(pixels[(row + 1) * dataset.width..<(row + 2) * dataset.width])
        : Array(repeating: 0, count: dataset.width)
      let line = zip(upper, lower).map { isTerminal ? block($0, $1) : character($0, $1) }.joined()
      return isTerminal ? line + "\u{1B}[0m" : line
    }.joined(separator: "\n")
  }

  private static func block(_ upper: UInt8, _ lower: UInt8) -> String {
    "\u{1B}[38;5;\(grey(upper));48;5;\(grey(lower))m\u{2580}"
  }

  private static func grey(_ pixel: UInt8) -> Int { 232 + Int(pixel) * 23 / 255 }

  private static func character(_ upper: UInt8, _ lower: UInt8) -> String {
    let shades = Array(" .:-=+*#%@")
    return String(shades[(Int(upper) + Int(lower)) * (shades.count - 1) / 510])
  }
}
