import Testing

@testable import Telemetry

@Suite struct FormattingTests {
  @Test(arguments: [
    (1.850881, 6, "1.850881"), (0.43, 5, "0.43000"), (2.0, 0, "2"), (-0.125, 2, "-0.12"),
    (.nan, 3, "nan"), (.infinity, 3, "inf"), (-.infinity, 3, "-inf"),
  ])
  func numbersHaveAFixedNumberOfDigits(value: Double, digits: Int, text: String) {
    #expect(Formatting.fixed(value, digits) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (7.4, "7"), (999.5, "1,000"), (12_345.0, "12,345"), (1_234_567.0, "1,234,567"),
    (-4_321.0, "-4,321"), (1e18, "1000000000000000000"), (.nan, "nan"), (.infinity, "inf"),
  ])
  func largeNumbersHaveCommasBetweenThousands(value: Double, text: String) {
    #expect(Formatting.grouped(value) == text)
  }

  @Test(arguments: [
    (-5.0, "0:00"), (0.0, "0:00"), (7.9, "0:07"), (61.0, "1:01"), (599.0, "9:59"),
    (3600.0, "1:00:00"), (3723.0, "1:02:03"), (360_000.0, "100:00:00"),
  ])
  func timesAreHoursMinutesAndSeconds(seconds: Double, text: String) {
    #expect(Formatting.time(.seconds(seconds)) == text)
  }

  @Test func sharesArePercentages() {
    #expect(Formatting.percent(0.9667) == "96.67 %")
    #expect(Formatting.percent(1) == "100.00 %")
    #expect(Formatting.percent(0) == "0.00 %")
  }
}
