import Autodiff
import Foundation
import IR
import Models
import Ops
import Runtime
import Spec
import Storage
import TestSupport
import Testing

@testable import Training

/// Teachers and the perceptual loss against an independent implementation with the same weights.
@Suite(.serialized) struct FrozenNetworkTests {
  static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")
  static let teachers: [(file: String, kind: TeacherSpec.Kind, width: Int, size: Int)] = [
    ("clip-hf", .clipViT, 128, 16), ("clip-openai", .clipViT, 16, 16), ("dino-original", .dinov2, 16, 16),
    ("dino-hf", .dinov2, 16, 10),
  ]

  static func spec(image: Int, _ teacher: TeacherSpec) -> ModelSpec {
    ModelSpec(
      name: "taught", image: ImageSpec(size: image),
      tokenizer: TokenizerSpec(
        encoder: EncoderSpec(channels: 32, multipliers: [1]),
        codebooks: [CodebookSpec(name: "visual", size: 8, teacher: teacher.name)]),
      teachers: [teacher])
  }

  @Test(arguments: teachers.indices)
  func classFeature(_ index: Int) throws {
    let (name, kind, width, size) = Self.teachers[index]
    let path = Self.golden.appendingPathComponent("teachers/\(name).safetensors").path
    let file = try SafetensorsFile(path: path)
    let teacher = TeacherSpec(name: "t", kind: kind, weights: path, width: width, size: size)
    let session = try ModelSession(Self.spec(image: 10, teacher))
    let runner = try TeacherRunner(session, teacher, batch: 2, cacheFolder: "/nowhere")
    var pixels = try channelsLast(file, "case.image")
    var feature = [Float](repeating: .nan, count: 2 * width)
    try pixels.withUnsafeMutableBufferPointer { pixels in
      try feature.withUnsafeMutableBufferPointer { try runner.write(pixels, to: $0) }
    }
    let error = relativeError(feature, try file.floats("case.feature"))
    #expect(error < 1e-4, "\(name): relative error \(error)")
  }

  @Test func weightsThatDoNotFitAreExplained() throws {
    let clip = Self.golden.appendingPathComponent("teachers/clip-openai.safetensors").path
    func message(_ teacher: TeacherSpec) throws -> String {
      let error = #expect(throws: WeightsError.self) { try TeacherWeights(teacher) }
      return try #require(error).description
    }
    let other = try message(TeacherSpec(name: "t", kind: .dinov2, weights: clip, width: 16, size: 16))
    #expect(other.contains("'patch_embed.proj.weight' (original names), shape [width, 3, patch, patch], is missing"))
    let width = try message(TeacherSpec(name: "t", kind: .clipViT, weights: clip, width: 768, size: 16))
    #expect(width.contains("its width is 16, the spec says `width: 768`"))
    let size = try message(TeacherSpec(name: "t", kind: .clipViT, weights: clip, width: 16, size: 15))
    #expect(size.contains("its patches of 4 pixels do not tile images of 15; change `size`"))
    let store = ParameterStore(seed: 0)
    let error = #expect(throws: WeightsError.self) { try FrozenWeights.loadPerceptual(store, path: clip) }
    let text = try #require(error).description
    #expect(text.contains("'features.0.weight' with shape [64, 3, 3, 3] is missing"))
    #expect(text.contains("and 19 more"))
  }

  @Test func featuresAreKeptPerView() throws {
    let path = Self.golden.appendingPathComponent("teachers/dino-hf.safetensors").path
    let folder = try TemporaryFolder()
    let teacher = TeacherSpec(name: "t", kind: .dinov2, weights: path, width: 16, size: 10, cache: true)
    let file = try SafetensorsFile(path: path)
    func features(breaking: Bool) throws -> [Float] {
      let session = try ModelSession(Self.spec(image: 10, teacher))
      let runner = try TeacherRunner(session, teacher, batch: 2, cacheFolder: folder.path)
      // Without weights the network gives something else, so equal features come from the file.
      if breaking { session.store.floats("teacher.t.patch.weight")?.update(repeating: 0) }
      var pixels = try channelsLast(file, "case.image")
      var feature = [Float](repeating: .nan, count: 32)
      try pixels.withUnsafeMutableBufferPointer { pixels in
        try feature.withUnsafeMutableBufferPointer { try runner.write(pixels, to: $0) }
      }
      try runner.save()
      return feature
    }
    let first = try features(breaking: false)
    #expect(try features(breaking: true) == first)
  }

  /// Files of one architecture are equally long and may have one name; what counts is what is in them.
  @Test func keptFeaturesAreThoseOfTheWeights() throws {
    let original = Self.golden.appendingPathComponent("teachers/dino-hf.safetensors")
    let folder = try TemporaryFolder()
    let path = folder.file("weights.safetensors")
    var bytes = try Data(contentsOf: original)
    let pixels = try channelsLast(SafetensorsFile(path: original.path), "case.image")
    func features() throws -> [Float] {
      let teacher = TeacherSpec(name: "t", kind: .dinov2, weights: path, width: 16, size: 10, cache: true)
      return try feature(teacher, pixels, folder: folder.path)
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    let first = try features()
    // The sign of one number of the class token.
    let file = try SafetensorsFile(path: path)
    let place = try #require(file.tensors["embeddings.cls_token"]).bytes.lowerBound
    bytes[place + 3] ^= 0x80
    try bytes.write(to: URL(fileURLWithPath: path))
    #expect(try features() != first)
    #expect(try features() != first)
  }

  private func feature(_ teacher: TeacherSpec, _ pixels: [Float], folder: String = "/nowhere") throws -> [Float] {
    let session = try ModelSession(Self.spec(image: 10, teacher))
    let runner = try TeacherRunner(session, teacher, batch: 2, cacheFolder: folder)
    var pixels = pixels
    var feature = [Float](repeating: .nan, count: 2 * teacher.width)
    try pixels.withUnsafeMutableBufferPointer { pixels in
      try feature.withUnsafeMutableBufferPointer { try runner.write(pixels, to: $0) }
    }
    try runner.save()
    return feature
  }

  @Test func theActivationIsThatOfTheSpec() throws {
    let path = Self.golden.appendingPathComponent("teachers/clip-openai.safetensors").path
    let pixels = try channelsLast(SafetensorsFile(path: path), "case.image")
    var teacher = TeacherSpec(name: "t", kind: .clipViT, weights: path, width: 16, size: 16)
    let quick = try feature(teacher, pixels)
    teacher.activation = .quickGELU
    #expect(try feature(teacher, pixels) == quick)
    teacher.activation = .gelu
    let exact = try feature(teacher, pixels)
    #expect(exact != quick && relativeError(exact, quick) < 0.1)
  }

  /// The tensors of a teacher's file, some left out, some set, in another file.
  private func rewritten(
    _ name: String, to path: String, without dropped: [String] = [], ones: [String] = [], adding added: [String] = []
  ) throws {
    let file = try SafetensorsFile(path: Self.golden.appendingPathComponent("teachers/\(name).safetensors").path)
    var tensors = try file.tensors.filter { name, entry in
      entry.type.readsAsFloat && !dropped.contains(where: name.contains)
    }.sorted { $0.key < $1.key }.map { name, entry in
      let isOne = ones.contains(where: name.contains)
      return (
        name: name, shape: entry.shape,
        values: isOne ? [Float](repeating: 1, count: entry.count) : try file.floats(name)
      )
    }
    tensors += added.map { ($0, [1], [0]) }
    func write(_ index: Int, _ sources: [TensorSource]) throws {
      guard index < tensors.count else {
        return try SafetensorsWriter.write(path: path, tensors: sources, metadata: [:])
      }
      let tensor = tensors[index]
      try tensor.values.withUnsafeBufferPointer {
        try write(index + 1, sources + [TensorSource(name: tensor.name, shape: tensor.shape, values: .float32($0))])
      }
    }
    try write(0, [])
  }

  @Test func transformersWithoutLayerScalesAreTeachers() throws {
    let folder = try TemporaryFolder()
    let (plain, unit) = (folder.file("plain.safetensors"), folder.file("unit.safetensors"))
    try rewritten("dino-original", to: plain, without: [".ls1.", ".ls2."])
    try rewritten("dino-original", to: unit, ones: [".ls1.", ".ls2."])
    let pixels = try channelsLast(SafetensorsFile(path: unit), "case.image")
    let features = try [plain, unit].map {
      try feature(TeacherSpec(name: "t", kind: .dinov2, weights: $0, width: 16, size: 16), pixels)
    }
    #expect(features[0] == features[1])
  }

  @Test func weightsThatAreNotFiniteAreRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("lost.safetensors")
    var bytes = try Data(contentsOf: Self.golden.appendingPathComponent("teachers/dino-original.safetensors"))
    try bytes.write(to: URL(fileURLWithPath: path))
    let place = try #require(try SafetensorsFile(path: path).tensors["blocks.0.mlp.fc1.bias"]).bytes.lowerBound
    bytes.replaceSubrange(place..<place + 4, with: [0, 0, 0xc0, 0x7f])
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = #expect(throws: WeightsError.self) {
      try feature(
        TeacherSpec(name: "t", kind: .dinov2, weights: path, width: 16, size: 16),
        [Float](repeating: 0, count: 2 * 10 * 10 * 3))
    }
    #expect(try #require(error).description.contains("'blocks.0.mlp.fc1.bias' holds numbers that are not finite"))
  }

  @Test func registerTokensAreNotPassedOver() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("registers.safetensors")
    for (name, registers) in [("dino-original", "register_tokens"), ("dino-hf", "embeddings.register_tokens")] {
      try rewritten(name, to: path, adding: [registers])
      let error = #expect(throws: WeightsError.self) {
        try TeacherWeights(TeacherSpec(name: "t", kind: .dinov2, weights: path, width: 16, size: 16))
      }
      #expect(try #require(error).description.contains("'\(registers)': register tokens are not supported"))
    }
  }

  /// Equidistributed numbers that both implementations can make: no file of 58 MB is needed to compare them.
  static func numbers(
    _ start: inout Int, into target: UnsafeMutableBufferPointer<Float>, scale: Double, offset: Double = 0
  ) {
    for index in target.indices {
      let value = Double(index + start) * 0.6180339887498949
      target[index] = Float((value - value.rounded(.down) - 0.5) * scale + offset)
    }
    start += target.count
  }

  @Test func perceptualDistanceAndGradient() throws {
    let file = try SafetensorsFile(path: Self.golden.appendingPathComponent("perceptual/cases.safetensors").path)
    let builder = ProgramBuilder(name: "perceptual")
    let context = GraphContext(builder: builder)
    let first = builder.input("first", .f32(2, 32, 32, 3))
    let second = builder.input("second", .f32(2, 32, 32, 3))
    let distance = PerceptualLoss.loss(context, second, first)
    builder.output("distance", distance)
    builder.output(
      "gradient", try ReverseMode.gradients(of: distance, withRespectTo: [second], in: builder)[0])
    let session = try ModelSession(Self.spec(image: 32, TeacherSpec(name: "t", kind: .dinov2, weights: "", width: 8)))
    let executable = try session.compile(builder.program)
    var start = 1
    var inputs = 3
    var layer = 0
    for width in PerceptualLoss.stages.joined() {
      let weight = try #require(session.store.floats("perceptual.conv.\(layer).weight"))
      Self.numbers(&start, into: weight, scale: 2 * (6 / Double(9 * inputs)).squareRoot())
      Self.numbers(&start, into: try #require(session.store.floats("perceptual.conv.\(layer).bias")), scale: 0.2)
      (inputs, layer) = (width, layer + 1)
    }
    for stage in PerceptualLoss.stages.indices {
      Self.numbers(&start, into: try #require(session.store.floats("perceptual.lin.\(stage)")), scale: 1, offset: 0.5)
    }
    for name in ["first", "second"] { _ = try executable.input(name).update(from: channelsLast(file, name)) }
    executable.run()
    #expect(relativeError(try executable.output("distance"), try file.floats("distance")) < 1e-4)
    let error = relativeError(try executable.output("gradient"), try channelsLast(file, "gradient"))
    #expect(error < 1e-4, "gradient: relative error \(error)")
  }
}
