import Testing

@testable import Learning

@Suite struct ScanTests {
  @Test func rowsReadTheImageInStoredOrder() {
    #expect(Scan.rows.timeSteps(height: 3, width: 2) == 3)
    #expect(Scan.rows.features(height: 3, width: 2) == 2)
    #expect(Scan.rows.order(height: 3, width: 2) == [0, 1, 2, 3, 4, 5])
  }

  @Test func columnsReadTheImageTransposed() {
    #expect(Scan.columns.timeSteps(height: 3, width: 2) == 2)
    #expect(Scan.columns.features(height: 3, width: 2) == 3)
    #expect(Scan.columns.order(height: 3, width: 2) == [0, 2, 4, 1, 3, 5])
  }

  @Test func pixelsReadOneAtATime() {
    #expect(Scan.pixels.timeSteps(height: 28, width: 28) == 784)
    #expect(Scan.pixels.features(height: 28, width: 28) == 1)
    #expect(Scan.pixels.order(height: 3, width: 2) == [0, 1, 2, 3, 4, 5])
  }

  @Test(arguments: Scan.allCases)
  func everyPixelIsReadOnce(scan: Scan) {
    let order = scan.order(height: 5, width: 7)
    #expect(order.sorted() == Array(0..<35))
    #expect(scan.timeSteps(height: 5, width: 7) * scan.features(height: 5, width: 7) == 35)
  }
}
