import Foundation
import Testing

@testable import Telemetry

@Suite struct ReportJSONTests {
  private struct Sample: Codable {
    @NullUnlessFinite var meanLoss: Double
    var name = "a/b"
  }

  @Test func keysAreSortedAndInSnakeCase() throws {
    let text = String(decoding: try ReportJSON.encode(Sample(meanLoss: 0.5)), as: UTF8.self)
    #expect(text == "{\n  \"mean_loss\" : 0.5,\n  \"name\" : \"a/b\"\n}\n")
  }

  @Test func keysOfDictionariesStay() throws {
    let json = try ReportJSON.encode(["batch-size": "1", "data": "/x"])
    #expect(try ReportJSON.decode([String: String].self, from: json)["batch-size"] == "1")
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func aNumberThatIsNotFiniteIsNull(value: Double) throws {
    let json = try ReportJSON.encode(Sample(meanLoss: value))
    #expect(String(decoding: json, as: UTF8.self).contains(#""mean_loss" : null"#))
    #expect(try ReportJSON.decode(Sample.self, from: json).meanLoss.isNaN)
    #expect(ReportJSON.number(value) == "null")
  }
}
