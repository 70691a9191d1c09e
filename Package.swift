// swift-tools-version: 6.1
import PackageDescription

// The house, floor by floor; a target may depend on lower floors only (TidyTests checks it).
let package = Package(
  name: "tributary",
  products: [.executable(name: "tributary", targets: ["tributary"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
  ],
  targets: [
    // floor 0
    .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CLinux"),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])]),
    .target(name: "Tensors", dependencies: ["CKernels"]),
    // floor 1
    .target(name: "Learning", dependencies: ["Tensors"]),
    .target(name: "Wire", dependencies: ["Tensors"]),
    // floor 2
    .target(name: "Coordination", dependencies: ["Learning", "Wire", "Tensors"]),
    // floor 3
    .target(name: "ZeroMQ", dependencies: ["CZeroMQ", "Tensors"]),
    .target(
      name: "Storage", dependencies: ["CZlib", "Coordination", "Wire", "Learning", "Tensors"]),
    .target(name: "Telemetry", dependencies: ["Coordination", "Wire", "Learning", "Tensors"]),
    // floor 4
    .target(
      name: "Processes",
      dependencies: [
        "CLinux", "ZeroMQ", "Storage", "Telemetry", "Coordination", "Wire", "Learning",
        "Tensors", .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "Simulation",
      dependencies: ["Storage", "Coordination", "Wire", "Learning", "Tensors"]),
    // floor 5
    .executableTarget(
      name: "tributary",
      dependencies: [
        "Processes", "Simulation", "ZeroMQ", "Storage", "Telemetry", "Coordination", "Wire",
        "Learning", "Tensors", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "LearningTests", dependencies: ["Learning", "Tensors"]),
    .testTarget(
      name: "OracleTests",
      dependencies: ["Storage", "Coordination", "Wire", "Learning", "Tensors"],
      resources: [.copy("Fixtures")]),
    .testTarget(name: "WireTests", dependencies: ["Wire", "Tensors"]),
    .testTarget(
      name: "CoordinationTests", dependencies: ["Coordination", "Wire", "Learning", "Tensors"]),
    .testTarget(name: "ZeroMQTests", dependencies: ["ZeroMQ", "Tensors", "CLinux"]),
    .testTarget(
      name: "StorageTests",
      dependencies: ["Storage", "Coordination", "Wire", "Learning", "Tensors"]),
    .testTarget(
      name: "TelemetryTests", dependencies: ["Telemetry", "Coordination", "Wire", "Learning"]),
    .testTarget(
      name: "ProcessesTests",
      dependencies: [
        "Processes", "ZeroMQ", "Storage", "Coordination", "Wire", "Learning", "Tensors",
        "tributary",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    .testTarget(
      name: "SimulationTests",
      dependencies: ["Simulation", "Storage", "Coordination", "Wire", "Learning", "Tensors"]),
    .testTarget(name: "TidyTests"),
  ]
)

for target in package.targets where target.type != .system {
  target.swiftSettings = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ]
}
