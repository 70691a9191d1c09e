import Bench
import Testing

@Suite struct StatisticsTests {
  @Test(
    arguments: [
      ([7], 7), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([1, 1, 9], 1), ([-1, .infinity, 0], 0),
    ] as [([Double], Double)])
  func theMedianIsTheMiddleValueOrTheMeanOfTheTwo(values: [Double], expected: Double) {
    #expect(Statistics.median(values) == expected)
  }

  @Test func noValuesHaveNoMedian() {
    #expect(Statistics.median([]).isNaN)
  }
}

@Suite struct TextTableTests {
  @Test func columnsAreAsWideAsTheirWidestCell() {
    var table = TextTable("name", "us", "share")
    table.add("a", "1.50", "9 %")
    table.add("a longer name", "100", "10 %")
    #expect(
      table.text == """
        name             us  share
        a              1.50    9 %
        a longer name   100   10 %
        """)
  }

  @Test(arguments: [(123.4, "123"), (99.95, "100.0"), (12.34, "12.3"), (1.234, "1.23")])
  func numbersHaveAboutThreeSignificantDigits(value: Double, text: String) {
    #expect(TextTable.number(value) == text)
  }
}
