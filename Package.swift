// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The modules by floor; a target depends on lower floors only (TidyTests checks it).
let package = Package(
  name: "tributary",
  products: [
    .executable(name: "tributary", targets: ["tributary"]),
    .library(name: "ZeroMQ", targets: ["ZeroMQ", "Bytes"]),
  ],
  // All that the program depends on besides Swift and its Foundation (the console, files, processes
  // and JSON of floors 3 to 5); scripts/bill-of-materials lists it with versions and licenses.
  dependencies: [
    // the command line: options, validation and help of all commands
    .package(
      url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    // log messages with metadata, and the levels that --quiet selects
    .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
  ],
  targets: [
    // floor 0
    // messages between processes; libzmq encrypts and authenticates them with libsodium (CURVE)
    .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    // the compressed files of MNIST
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLinux"),
    .target(name: "CChecksum"),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    .target(name: "Bytes", dependencies: ["CChecksum"]),
    .target(name: "Numerics", dependencies: ["CKernels", "Bytes"]),
    // floor 1
    .target(name: "Learning", dependencies: ["Numerics"]),
    .target(name: "Wire", dependencies: ["Numerics", "Bytes"]),
    // floor 2
    .target(name: "Coordination", dependencies: ["Learning", "Wire", "Numerics", "Bytes"]),
    // floor 3
    .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "Bytes"]),
    .target(
      name: "Storage",
      dependencies: ["CZlib", "Coordination", "Wire", "Learning", "Numerics", "Bytes"]),
    .target(
      name: "Telemetry", dependencies: ["Coordination", "Wire", "Learning", "Numerics", "Bytes"]),
    // floor 4
    .target(
      name: "Processes",
      dependencies: [
        "CLinux", "ZeroMQ", "Storage", "Telemetry", "Coordination", "Wire", "Learning",
        "Numerics", "Bytes", .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Simulation",
      dependencies: ["Storage", "Coordination", "Wire", "Learning", "Numerics", "Bytes"]),
    // floor 5
    .target(
      name: "Bench",
      dependencies: [
        "Processes", "ZeroMQ", "Coordination", "Wire", "Learning", "Numerics", "Bytes",
      ]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Processes", "ZeroMQ", "Storage", "Telemetry", "Coordination", "Wire", "Learning",
        "Numerics", "Bytes",
      ]),
    .executableTarget(
      name: "tributary",
      dependencies: [
        "Bench", "Processes", "Simulation", "ZeroMQ", "Storage", "Telemetry", "Coordination",
        "Wire", "Learning", "Numerics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    // tests
    .target(name: "TestSupport", path: "Tests/TestSupport"),
    .testTarget(name: "BytesTests", dependencies: ["Bytes", "Numerics"]),
    .testTarget(name: "NumericsTests", dependencies: ["TestSupport", "Numerics", "Bytes"]),
    .testTarget(name: "LearningTests", dependencies: ["Learning", "Numerics"]),
    .testTarget(
      name: "OracleTests",
      dependencies: ["TestSupport", "Storage", "Coordination", "Wire", "Learning", "Numerics"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "WireTests", dependencies: ["TestSupport", "Wire", "Numerics", "Bytes"]),
    .testTarget(
      name: "CoordinationTests",
      dependencies: ["TestSupport", "Coordination", "Wire", "Learning", "Numerics", "Bytes"]),
    .testTarget(name: "ZeroMQTests", dependencies: ["TestSupport", "ZeroMQ", "Bytes", "CLinux"]),
    .testTarget(
      name: "StorageTests",
      dependencies: [
        "TestSupport", "Storage", "Coordination", "Wire", "Learning", "Numerics", "Bytes",
      ]),
    .testTarget(
      name: "TelemetryTests",
      dependencies: [
        "TestSupport", "Telemetry", "Coordination", "Wire", "Learning", "Numerics", "Bytes",
      ]),
    .testTarget(
      name: "ProcessesTests",
      dependencies: [
        "TestSupport",
        "Processes", "ZeroMQ", "Storage", "Coordination", "Wire", "Learning", "Numerics",
        "Bytes", "tributary",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["Simulation", "Storage", "Coordination", "Wire", "Learning", "Numerics"]),
    .testTarget(name: "BenchTests", dependencies: ["Bench"]),
    .testTarget(
      name: "FuzzTests", dependencies: ["TestSupport", "FuzzTargets"], exclude: ["Corpus"]),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"]),
  ]
)

// The program of scripts/fuzz, which can be linked only with libFuzzer.
if ProcessInfo.processInfo.environment["TRIBUTARY_FUZZ"] != nil {
  package.targets.append(.executableTarget(name: "Fuzzer", dependencies: ["FuzzTargets"]))
}

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ]
}

// Modules whose time is computation are optimized in debug builds too: the tests run several times
// faster. Not Bytes and ZeroMQ, since a product with unsafe flags cannot be a dependency.
let computing: Set = [
  "Numerics", "Learning", "Wire", "Coordination", "Storage", "Simulation", "FuzzTargets",
]
for target in package.targets where computing.contains(target.name) {
  target.swiftSettings?.append(.unsafeFlags(["-O"], .when(configuration: .debug)))
}

// Modules that may use pointers mark each use with `unsafe`; the others have none (TidyTests).
let unsafeModules: Set = ["Bytes", "Numerics", "ZeroMQ", "Storage"]
for target in package.targets where unsafeModules.contains(target.name) {
  target.swiftSettings?.append(.strictMemorySafety())
}
