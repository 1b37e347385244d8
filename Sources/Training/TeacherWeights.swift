import Foundation
import Models
import Runtime
import Spec
import Storage

/// The weights of a teacher in one of the naming schemes of public checkpoints; sizes are read from shapes.
struct TeacherWeights {
  /// Where a scheme keeps things. A joint projection holds query, key and value in one matrix.
  struct Names {
    var title: String
    var classToken, position, patch: String
    var patchHasBias = true
    var normIn: String?
    var normOut: String?
    var block: String
    var norm1, norm2, out, up, down: String
    var joint: String?
    var jointSeparator = "."
    var separate: [String] = []
    /// Layer scales, which transformers of this family other than DINOv2 lack.
    var scales: [String] = []
    var registers: String?
    /// Leading extents of 1 of the class token and the positions.
    var leading: (classToken: Int, position: Int)
  }

  static func schemes(_ kind: TeacherSpec.Kind) -> [Names] {
    switch kind {
    case .clipViT:
      [
        Names(
          title: "Transformers", classToken: "vision_model.embeddings.class_embedding",
          position: "vision_model.embeddings.position_embedding.weight",
          patch: "vision_model.embeddings.patch_embedding", patchHasBias: false,
          normIn: "vision_model.pre_layrnorm", block: "vision_model.encoder.layers.", norm1: "layer_norm1",
          norm2: "layer_norm2", out: "self_attn.out_proj", up: "mlp.fc1", down: "mlp.fc2",
          separate: ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"], leading: (0, 0)),
        Names(
          title: "OpenAI", classToken: "visual.class_embedding", position: "visual.positional_embedding",
          patch: "visual.conv1", patchHasBias: false, normIn: "visual.ln_pre",
          block: "visual.transformer.resblocks.", norm1: "ln_1", norm2: "ln_2", out: "attn.out_proj",
          up: "mlp.c_fc", down: "mlp.c_proj", joint: "attn.in_proj", jointSeparator: "_", leading: (0, 0)),
      ]
    case .dinov2:
      [
        Names(
          title: "original", classToken: "cls_token", position: "pos_embed", patch: "patch_embed.proj",
          normOut: "norm", block: "blocks.", norm1: "norm1", norm2: "norm2", out: "attn.proj", up: "mlp.fc1",
          down: "mlp.fc2", joint: "attn.qkv", scales: ["ls1.gamma", "ls2.gamma"], registers: "register_tokens",
          leading: (2, 1)),
        Names(
          title: "Transformers", classToken: "embeddings.cls_token", position: "embeddings.position_embeddings",
          patch: "embeddings.patch_embeddings.projection", normOut: "layernorm", block: "encoder.layer.",
          norm1: "norm1", norm2: "norm2", out: "attention.output.dense", up: "mlp.fc1", down: "mlp.fc2",
          separate: ["attention.attention.query", "attention.attention.key", "attention.attention.value"],
          scales: ["layer_scale1.lambda1", "layer_scale2.lambda1"], registers: "embeddings.register_tokens",
          leading: (2, 1)),
      ]
    }
  }

  let spec: TeacherSpec
  let sizes: VisionTeacher.Sizes
  private let weights: FrozenWeights
  private let names: Names
  private let fileGrid: Int

  /// Opens a teacher's file and reads its sizes.
  init(_ spec: TeacherSpec) throws {
    self.spec = spec
    let weights = try FrozenWeights(
      path: spec.weights, network: "the teacher '\(spec.name)' (\(spec.kind.rawValue))")
    self.weights = weights
    let tensors = weights.file.tensors
    let schemes = Self.schemes(spec.kind)
    guard let names = schemes.first(where: { tensors[$0.patch + ".weight"] != nil }) else {
      throw WeightsError(
        spec.weights, weights.network,
        schemes.map { "'\($0.patch).weight' (\($0.title) names), shape [width, 3, patch, patch], is missing" })
    }
    self.names = names
    func shape(_ name: String, rank: Int) throws -> [Int] {
      guard let entry = tensors[name] else {
        throw WeightsError(spec.weights, weights.network, ["'\(name)' is missing"])
      }
      guard entry.shape.count == rank, entry.shape.allSatisfy({ $0 > 0 }) else {
        throw WeightsError(
          spec.weights, weights.network, ["'\(name)' must have \(rank) extents, but has shape \(entry.shape)"])
      }
      return entry.shape
    }
    let patch = try shape(names.patch + ".weight", rank: 4)
    let positions = try shape(names.position, rank: 2 + names.leading.position)
    let layers = (0..<4096).prefix { tensors["\(names.block)\($0).\(names.norm1).weight"] != nil }.count
    let hidden = try shape("\(names.block)0.\(names.up).weight", rank: 2)[0]
    sizes = VisionTeacher.Sizes(width: patch[0], patch: patch[2], layers: layers, hidden: hidden)
    let tokens = positions[positions.count - 2]
    fileGrid = Int(Double(tokens - 1).squareRoot().rounded())
    var problems: [String] = []
    if patch[0] != spec.width {
      problems.append("its width is \(patch[0]), the spec says `width: \(spec.width)`")
    }
    if sizes.width % sizes.heads != 0 { problems.append("its width \(sizes.width) does not split into heads of 64") }
    if fileGrid * fileGrid + 1 != tokens {
      problems.append("'\(names.position)' has \(tokens) positions, which are not a square and a class token")
    }
    if spec.size % sizes.patch != 0 {
      problems.append("its patches of \(sizes.patch) pixels do not tile images of \(spec.size); change `size`")
    }
    if let registers = names.registers, tensors[registers] != nil {
      problems.append("'\(registers)': register tokens are not supported; take the weights of a model without them")
    }
    if !problems.isEmpty { throw WeightsError(spec.weights, weights.network, problems) }
  }

  /// Whether the file scales the branches of its blocks.
  private var hasScales: Bool { names.scales.contains { weights.file.tensors["\(names.block)0.\($0)"] != nil } }

  /// The network that the weights fit.
  var teacher: VisionTeacher { VisionTeacher(spec, sizes: sizes) }

  /// Fills the teacher's constants.
  func fill(_ store: ParameterStore) throws {
    let prefix = "teacher.\(spec.name)."
    let width = sizes.width
    var slots: [FrozenWeights.Slot] = []
    func slot(_ name: String, _ shape: [Int], _ symbol: String, offset: Int = 0) {
      slots.append(FrozenWeights.Slot(name, shape, to: prefix + symbol, offset: offset))
    }
    func pair(_ name: String, _ symbol: String, out: Int, input: Int? = nil) {
      slot(name + ".weight", input.map { [out, $0] } ?? [out], symbol + ".weight")
      slot(name + ".bias", [out], symbol + ".bias")
    }
    let ones = { (count: Int) in [Int](repeating: 1, count: count) }
    slot(names.classToken, ones(names.leading.classToken) + [width], "class_token")
    slot(names.patch + ".weight", [width, 3, sizes.patch, sizes.patch], "patch.weight")
    if names.patchHasBias { slot(names.patch + ".bias", [width], "patch.bias") }
    if let norm = names.normIn { pair(norm, "norm_in", out: width) }
    if let norm = names.normOut { pair(norm, "norm_out", out: width) }
    for layer in 0..<sizes.layers {
      let (source, target) = ("\(names.block)\(layer).", "block.\(layer).")
      pair(source + names.norm1, target + "norm1", out: width)
      pair(source + names.norm2, target + "norm2", out: width)
      if let joint = names.joint {
        slot(source + joint + names.jointSeparator + "weight", [3 * width, width], target + "qkv.weight")
        slot(source + joint + names.jointSeparator + "bias", [3 * width], target + "qkv.bias")
      }
      for (index, name) in names.separate.enumerated() {
        slot(source + name + ".weight", [width, width], target + "qkv.weight", offset: index * width * width)
        slot(source + name + ".bias", [width], target + "qkv.bias", offset: index * width)
      }
      pair(source + names.out, target + "out", out: width, input: width)
      pair(source + names.up, target + "up", out: sizes.hidden, input: width)
      pair(source + names.down, target + "down", out: width, input: sizes.hidden)
      for (index, name) in names.scales.enumerated() where hasScales {
        slot(source + name, [width], target + "scale\(index + 1)")
      }
    }
    try weights.fill(store, slots)
    for layer in 0..<sizes.layers where !hasScales {
      for index in names.scales.indices {
        store.floats(prefix + "block.\(layer).scale\(index + 1)")?.update(repeating: 1)
      }
    }
    try fillPositions(store, prefix + "position")
  }

  /// Positions of the file's grid, resampled to the grid of the images that are looked at.
  private func fillPositions(_ store: ParameterStore, _ symbol: String) throws {
    guard let target = store.floats(symbol) else { return }
    let values = try weights.file.floats(names.position)
    guard teacher.grid != fileGrid else {
      _ = target.update(from: values)
      return
    }
    let width = sizes.width
    for d in 0..<width { target[d] = values[d] }
    let resampled = PositionGrid.resample(
      Array(values[width...]), from: fileGrid, to: teacher.grid, width: width,
      offset: spec.kind == .dinov2 ? 0.1 : 0)
    for (index, value) in resampled.enumerated() { target[width + index] = value }
  }
}

/// Bicubic resampling of a square grid of position embeddings.
enum PositionGrid {
  /// Grid [from, from, width] to [to, to, width] with Keys' kernel (a = -0.75), edges repeated, pixel centres aligned.
  ///
  /// - Parameter offset: Added to the target extent in the scale, as DINOv2 does (0.1).
  static func resample(_ grid: [Float], from: Int, to: Int, width: Int, offset: Double) -> [Float] {
    let scale = Double(from) / (Double(to) + offset)
    // For each target position four source positions and weights.
    let taps: [[(index: Int, weight: Double)]] = (0..<to).map { target in
      let place = (Double(target) + 0.5) * scale - 0.5
      let first = Int(place.rounded(.down))
      let t = place - Double(first)
      return (-1...2).map { step in
        (min(from - 1, max(0, first + step)), keys(abs(t - Double(step))))
      }
    }
    var result = [Float](repeating: 0, count: to * to * width)
    for row in 0..<to {
      for column in 0..<to {
        for d in 0..<width {
          var sum = 0.0
          for (y, wy) in taps[row] {
            for (x, wx) in taps[column] { sum += wy * wx * Double(grid[(y * from + x) * width + d]) }
          }
          result[(row * to + column) * width + d] = Float(sum)
        }
      }
    }
    return result
  }

  private static func keys(_ x: Double) -> Double {
    let a = -0.75
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}
