import Foundation
import TestSupport
import Testing

/// The bill of materials beside CycloneDX 1.5 and the files that it describes.
@Suite(
  .enabled(
    if: Command("dpkg-query", ["--version"]).output() != nil
      && Command.python(["--version"]).output() != nil, "Debian's tools or Python are missing"))
struct BillOfMaterialsTests {
  private static let script = Repository.path("scripts/bill-of-materials")
  private static let epoch = "1700000000"

  private static let written = Result { try document(epoch: epoch) }

  private static func document(epoch: String) throws -> String {
    let environment = ["SOURCE_DATE_EPOCH": epoch, "PYTHONDONTWRITEBYTECODE": "1"]
    let outcome = try Command("python3", [script], environment: environment).run()
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output
  }

  private func objects(_ key: String, of object: [String: Any]) -> [[String: Any]] {
    object[key] as? [[String: Any]] ?? []
  }

  private func strings(_ key: String, of objects: [[String: Any]]) -> [String] {
    objects.compactMap { $0[key] as? String }
  }

  @Test func theOutputIsTheSameExceptForTheTime() throws {
    let text = try Self.written.get()
    let later = try Self.document(epoch: "1700000001")
    let differing = zip(text.split(separator: "\n"), later.split(separator: "\n")).filter {
      $0 != $1
    }
    #expect(differing.count == 1)
    #expect(text.contains("\"timestamp\": \"2023-11-14T22:13:20Z\""))
    #expect(later == text.replacing("22:13:20Z", with: "22:13:21Z"))
  }

  @Test func theDocumentHasTheFieldsOfCycloneDX() throws {
    let bill = try JSON.object(Self.written.get())
    #expect(bill["bomFormat"] as? String == "CycloneDX" && bill["specVersion"] as? String == "1.5")
    #expect(
      Set(bill.keys) == [
        "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components",
        "dependencies",
      ])
    let serial = try #require(bill["serialNumber"] as? String)
    #expect(serial.wholeMatch(of: /urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
    for component in objects("components", of: bill) {
      let name = try #require(component["name"] as? String)
      #expect(["library", "framework"].contains(component["type"] as? String), "\(name)")
      #expect((component["version"] as? String)?.isEmpty == false, "\(name)")
      #expect(!objects("licenses", of: component).isEmpty, "\(name)")
      let address = try #require(component["purl"] as? String)
      #expect(address.wholeMatch(of: /pkg:(swift|deb|generic)\/[^@\s]+@[^@\s]+/) != nil, "\(name)")
      for file in objects("components", of: component) {
        let hash = try #require(objects("hashes", of: file).first)
        #expect(hash["alg"] as? String == "SHA-256")
        #expect((hash["content"] as? String)?.wholeMatch(of: /[0-9a-f]{64}/) != nil, "\(name)")
      }
    }
  }

  @Test func everyDependencyIsAComponent() throws {
    let bill = try JSON.object(Self.written.get())
    let program = try #require((bill["metadata"] as? [String: Any])?["component"] as? [String: Any])
    let components = objects("components", of: bill) + [program]
    let references = strings("bom-ref", of: components)
    #expect(references.count == components.count && Set(references).count == references.count)
    let dependencies = objects("dependencies", of: bill)
    #expect(Set(strings("ref", of: dependencies)) == Set(references))
    for dependency in dependencies {
      let needs = try #require(dependency["dependsOn"] as? [String])
      #expect(Set(needs).isSubset(of: references))
    }
    let direct = try #require(
      dependencies.first { $0["ref"] as? String == program["bom-ref"] as? String })
    #expect((direct["dependsOn"] as? [String])?.count == 6)
  }

  @Test func packagesAndSystemLibrariesAreThoseInUse() throws {
    let components = objects("components", of: try JSON.object(Self.written.get()))
    let names = strings("name", of: components)
    for name in ["Swift", "Foundation", "libzmq5", "libsodium23", "zlib1g", "libc6"] {
      #expect(names.contains(name))
    }
    let resolved = try JSON.object(Data(contentsOf: URL(fileURLWithPath: Self.resolved)))
    let pins = objects("pins", of: resolved)
    #expect(pins.count > 1)
    for pin in pins {
      let state = try #require(pin["state"] as? [String: Any])
      let component = try #require(
        components.first { $0["name"] as? String == pin["identity"] as? String })
      #expect(component["version"] as? String == state["version"] as? String)
      let pedigree = try #require(component["pedigree"] as? [String: Any])
      #expect(
        strings("uid", of: objects("commits", of: pedigree)) == [state["revision"] as? String])
    }
  }

  private static let resolved = Repository.path("Package.resolved")

  @Test func wrongArgumentsAreNamed() throws {
    let outcome = try Command("python3", [Self.script, "--what"]).run()
    #expect(outcome.status == 64 && outcome.errors.contains("--what"))
    let time = try Command("python3", [Self.script], environment: ["SOURCE_DATE_EPOCH": "now"])
      .run()
    #expect(time.status == 64 && time.errors.contains("'now'"))
  }

  private static let validator = """
    import sys
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator
    fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(open(sys.argv[1]).read())
    sys.exit(str(fault) if fault else 0)
    """
  private static let python =
    ProcessInfo.processInfo.environment["TRIBUTARY_CYCLONEDX_PYTHON"] ?? "python3"
  private static var hasValidator: Bool {
    let packages = "import jsonschema, cyclonedx.validation.json"
    return Command.python(["-c", packages], interpreter: python).output() != nil
  }

  @Test(
    .enabled(
      if: hasValidator, "install cyclonedx-python-lib[json-validation] in Python, or name one"))
  func theSchemaOfCycloneDXAcceptsIt() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Self.written.get().utf8, "bill.json")
    let outcome = try Command.python(["-c", Self.validator, path], interpreter: Self.python).run()
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
