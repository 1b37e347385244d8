// swift-tools-version: 6.0
import PackageDescription

// Kernels are one source folder, built once per instruction set; the widest set that the machine has is chosen at
// start (Runtime/KernelSelection.swift). `-march` reaches the code generator through the embedded clang.
func kernelFlags(_ march: String?) -> [SwiftSetting] {
  let common = ["-Ounchecked", "-enforce-exclusivity=unchecked"]
  return [.unsafeFlags(common + (march.map { ["-Xcc", "-march=\($0)"] } ?? []))]
}

#if arch(x86_64)
  let kernelSets: [(name: String, march: String?, defines: [String])] = [
    ("KernelsBaseline", "x86-64-v2", []),
    ("KernelsAVX2", "x86-64-v3", ["FACET_FMA", "FACET_AVX2"]),
    ("KernelsAVX512", "x86-64-v4", ["FACET_FMA", "FACET_AVX512"]),
  ]
#else
  let kernelSets: [(name: String, march: String?, defines: [String])] = [("KernelsBaseline", nil, ["FACET_FMA"])]
#endif

let kernelTargets: [Target] = kernelSets.map { set in
  .target(
    name: set.name,
    dependencies: ["KernelInterface", "CProcessor", "CBrainFloat"],
    swiftSettings: kernelFlags(set.march) + set.defines.map { .define($0) })
}
let kernelDependencies: [Target.Dependency] = kernelSets.map { .init(stringLiteral: $0.name) }

let templates = [
  "quickstart", "fqgan-dual-f8", "fqgan-dual-f16", "fqgan-triple-f8", "fqgan-triple-f16", "far-b", "far-l",
]

let package = Package(
  name: "facet",
  products: [.executable(name: "facet", targets: ["facet"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    .systemLibrary(
      name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .target(name: "CPNGBridge", dependencies: ["CPNG"]),
    .target(name: "CProcessor"),
    .target(name: "CBrainFloat"),

    .target(name: "Diagnostics"),
    .target(name: "YAML", dependencies: ["CYAML", "Diagnostics"]),
    .target(name: "Spec", dependencies: ["YAML", "Diagnostics"]),

    .target(name: "IR"),
    .target(name: "Ops", dependencies: ["IR"]),
    .target(name: "Autodiff", dependencies: ["IR", "Ops"]),
    .target(name: "Passes", dependencies: ["IR", "Ops"]),
    .target(name: "Planning", dependencies: ["IR", "Ops"]),

    .target(name: "KernelInterface"),
    .target(name: "KernelReference", dependencies: ["KernelInterface"]),
    .target(
      name: "Runtime", dependencies: ["IR", "Ops", "Planning", "KernelInterface", "CProcessor"] + kernelDependencies),

    .target(name: "Models", dependencies: ["IR", "Ops", "Autodiff", "Spec"]),
    .target(name: "Imaging", dependencies: ["CPNG", "CPNGBridge", "Storage"]),
    .target(name: "Storage"),
    .target(
      name: "Training",
      dependencies: ["Spec", "Models", "Passes", "Planning", "Runtime", "Imaging", "Storage", "Diagnostics"]),
    .target(name: "Visualization", dependencies: ["IR", "Ops", "Planning"]),
    .target(
      name: "Benchmark",
      dependencies: ["Training", "Models", "Runtime", "Passes", "Planning", "Ops", "IR", "Spec"]),
    .target(
      name: "FacetCLI",
      dependencies: [
        "Benchmark", "Training", "Models", "Runtime", "Planning", "Passes", "Ops", "IR", "Imaging", "Storage",
        "Visualization", "Spec", "Diagnostics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // Links to specs/: what ships is what `facet init` writes.
      resources: templates.map { .embedInCode("Templates/\($0).yaml") }),
    .executableTarget(name: "facet", dependencies: ["FacetCLI"]),

    .target(name: "TestSupport", dependencies: ["IR", "Ops", "Autodiff", "Planning"], path: "Tests/TestSupport"),
    .testTarget(
      name: "SpecTests", dependencies: ["Spec", "YAML", "Diagnostics", "TestSupport"], exclude: ["Messages"]),
    .testTarget(name: "IRTests", dependencies: ["IR", "Ops", "Autodiff", "TestSupport"]),
    .testTarget(name: "CompilerTests", dependencies: ["Passes", "Planning", "IR", "Ops", "TestSupport"]),
    .testTarget(
      name: "KernelTests", dependencies: ["KernelInterface", "KernelReference", "Runtime"] + kernelDependencies),
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "RuntimeTests",
      dependencies: [
        "Runtime", "Planning", "Passes", "Autodiff", "IR", "Ops", "Models", "Spec", "TestSupport", "AllocationCounter",
      ]),
    .testTarget(name: "ImagingTests", dependencies: ["Imaging", "TestSupport"]),
    .testTarget(name: "StorageTests", dependencies: ["Storage", "TestSupport"], exclude: ["Torch"]),
    .testTarget(
      name: "ModelTests",
      dependencies: [
        "Models", "Spec", "Runtime", "Planning", "Passes", "Storage", "Imaging", "Training", "Autodiff",
        "IR", "Ops", "TestSupport",
      ],
      resources: [.copy("Golden")]),
    .testTarget(
      name: "BenchmarkTests",
      dependencies: ["Benchmark", "Models", "Training", "Runtime", "Planning", "Ops", "IR", "Spec"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "Models", "IR", "Spec", "Imaging", "Storage"]),
    .testTarget(
      name: "CommandLineTests", dependencies: ["facet", "FacetCLI", "Imaging", "Spec", "Storage", "TestSupport"],
      resources: [.copy("BrokenSpecs")]),
  ] + kernelTargets
)
