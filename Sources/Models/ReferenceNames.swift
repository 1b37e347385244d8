import IR
import Spec

/// Names and layouts of parameters in the public reference checkpoints (one to three sub-codebooks).
///
/// Convolution kernels are stored [out, in, height, width] there and [out, height, width, in] here; everything else
/// has the same order of elements (a 1x1 convolution's trailing extents of 1 aside).
public struct ReferenceNames {
  private let books: [String]
  private let levels: Int

  /// The names for a spec; nil for more than three sub-codebooks or other quantizers, which the reference does not have.
  public init?(_ spec: ModelSpec) {
    books = spec.tokenizer.codebooks.map(\.name)
    levels = spec.tokenizer.encoder.multipliers.count
    if books.count > 3 || spec.tokenizer.quantizer.kind != .vq { return nil }
  }

  /// Short names of the heads in order: the visual one, then the semantic ones.
  private var suffixes: [String] { [["vis"], ["vis", "sem"], ["vis", "sem_mid", "sem_high"]][books.count - 1] }

  private func suffix(_ book: Substring) -> String? { books.firstIndex(of: String(book)).map { suffixes[$0] } }

  /// The reference name of a parameter; nil where the reference has no such parameter.
  public func name(of parameter: String) -> String? {
    let parts = parameter.split(separator: ".")
    guard parts.count > 1 else { return nil }
    let rest = parts.dropFirst()
    switch parts[0] {
    case "encoder": return encoder(rest)
    case "decoder": return decoder(rest)
    case "quantizer":
      // Counts and sums of moving averages are no parameters; the reference learns entries by gradient.
      guard parts.count == 3, parts[2] == "codebook" else { return nil }
      return suffix(parts[1]).map { "quantize_\($0).embedding.weight" }
    case "representation": return representation(rest)
    case "generator": return generator(rest)
    case "discriminator": return discriminator(rest)
    default: return nil
    }
  }

  private func encoder(_ parts: ArraySlice<Substring>) -> String? {
    guard let first = parts.first, let second = parts.dropFirst().first else { return nil }
    let rest = parts.dropFirst(2)
    switch first {
    case "adapter":
      let modules = [
        "vis": "visual_head", "sem": "semantic_head", "sem_mid": "semantic_head_mid", "sem_high": "semantic_head_high",
      ]
      guard let suffix = suffix(second), let module = modules[suffix], let tail = transformer(rest) else { return nil }
      return "encoder.\(module).0.\(tail)"
    case "head":
      guard let suffix = suffix(second), let layer = rest.first, let kind = rest.last else { return nil }
      switch layer {
      case "norm": return "encoder.norm_out_\(suffix).\(kind)"
      case "conv": return "encoder.conv_out_\(suffix).\(kind)"
      default: return "quant_conv_\(suffix).\(kind)"
      }
    default: return convolutional("encoder", parts) { $0 }
    }
  }

  private func decoder(_ parts: ArraySlice<Substring>) -> String? {
    if parts.first == "project" { return "post_quant_conv.\(parts.last ?? "")" }
    return convolutional("decoder", parts) { levels - 1 - $0 }
  }

  private func convolutional(_ prefix: String, _ parts: ArraySlice<Substring>, _ order: (Int) -> Int) -> String? {
    var words = parts.map(String.init)
    switch words[0] {
    case "level":
      guard words.count > 3, let level = Int(words[1]) else { return nil }
      words[1] = String(order(level))
      words[0] = "conv_blocks"
      switch words[2] {
      case "block": words[2] = "res"
      case "attention": words[2] = "attn"
      default: words.insert("conv", at: 3)
      }
    case "middle": words[0] = "mid"
    default: break
    }
    let leaf = words.count - 2
    if words[leaf] == "shortcut" { words[leaf] = "nin_shortcut" }
    if words[leaf] == "out" { words[leaf] = "proj_out" }
    return ([prefix] + words).joined(separator: ".")
  }

  private func transformer(_ parts: ArraySlice<Substring>) -> String? {
    let words = parts.map(String.init)
    guard let first = words.first, let kind = words.last else { return nil }
    switch first {
    case "position": return "positional_embedding"
    case "norm_in": return "ln_pre.\(kind)"
    case "norm_out": return "ln_post.\(kind)"
    default:
      guard words.count == 5 else { return nil }
      let prefix = "transformer.\(words[1])"
      switch "\(words[2]).\(words[3])" {
      case "attention.norm": return "\(prefix).ln_1.\(kind)"
      case "attention.qkv": return "\(prefix).attn.in_proj_\(kind)"
      case "attention.out": return "\(prefix).attn.out_proj.\(kind)"
      case "mlp.norm": return "\(prefix).ln_2.\(kind)"
      case "mlp.up": return "\(prefix).mlp.c_fc.\(kind)"
      case "mlp.down": return "\(prefix).mlp.c_proj.\(kind)"
      default: return nil
      }
    }
  }

  private func representation(_ parts: ArraySlice<Substring>) -> String? {
    let modules = ["sem": "feat_pred_head", "sem_mid": "mid_sem_feat_pred", "sem_high": "high_sem_feat_pred"]
    guard let book = parts.first, let suffix = suffix(book), let module = modules[suffix] else { return nil }
    let rest = parts.dropFirst()
    switch rest.first {
    case "class_token": return "\(module).class_embedding"
    case "up": return "\(module).upscale.\(rest.dropFirst().first == "0" ? 0 : 2).\(rest.last ?? "")"
    default: return transformer(rest).map { "\(module).\($0)" }
    }
  }

  /// The reference keeps its patch discriminator in one sequence: a convolution and a rectifier, then convolution,
  /// normalisation and rectifier of every layer, then a convolution.
  private func discriminator(_ parts: ArraySlice<Substring>) -> String? {
    guard parts.count == 3, let kind = parts.first, let layer = parts.dropFirst().first.flatMap({ Int($0) }),
      let leaf = parts.last
    else { return nil }
    let place = layer == 0 ? 0 : 3 * layer - 1
    switch kind {
    case "conv": return "main.\(place).\(leaf)"
    case "norm": return "main.\(place + 1).\(leaf == "running_variance" ? "running_var" : String(leaf))"
    default: return nil
    }
  }

  private func generator(_ parts: ArraySlice<Substring>) -> String? {
    let words = parts.map(String.init)
    switch words[0] {
    case "class_embedding": return "cls_embedding.embedding_table.weight"
    case "embedding": return books.firstIndex(of: words[1]).map { "tok_embeddings_\($0 + 1).weight" }
    case "output": return books.firstIndex(of: words[1]).map { "output_\($0 + 1).weight" }
    case "aggregate": return "aggregation_layer.\(words[1])"
    case "norm": return "norm.weight"
    case "block", "head":
      guard words.count == 5 else { return nil }
      let prefix = words[0] == "block" ? "layers.\(words[1])" : "ar_head.\(words[1])"
      switch "\(words[2]).\(words[3])" {
      case "attention.norm": return "\(prefix).attention_norm.weight"
      case "attention.qkv": return "\(prefix).attention.wqkv.weight"
      case "attention.out": return "\(prefix).attention.wo.weight"
      case "mlp.norm": return "\(prefix).ffn_norm.weight"
      case "mlp.gate": return "\(prefix).feed_forward.w1.weight"
      case "mlp.up": return "\(prefix).feed_forward.w3.weight"
      case "mlp.down": return "\(prefix).feed_forward.w2.weight"
      default: return nil
      }
    default: return nil
    }
  }

  /// The shape of a parameter in the reference: kernels with their extents behind the channels, and 1x1 convolutions as
  /// such where a linear map stands here.
  public func shape(of parameter: String, _ shape: [Int]) -> [Int] {
    if shape.count == 4 { return [shape[0], shape[3], shape[1], shape[2]] }
    guard shape.count == 2, let reference = name(of: parameter) else { return shape }
    let module = reference.split(separator: ".").dropLast().last ?? ""
    let isPointwise =
      ["q", "k", "v", "proj_out", "nin_shortcut"].contains(module) || module.hasPrefix("quant_conv")
      || module.hasPrefix("post_quant_conv")
    return isPointwise ? shape + [1, 1] : shape
  }

  /// The inverse of `importKernel`; `shape` is the shape here.
  public static func exportKernel(_ source: [Float], shape: [Int]) -> [Float] {
    var result = [Float](repeating: 0, count: source.count)
    var index = 0
    for out in 0..<shape[0] {
      for row in 0..<shape[1] {
        for column in 0..<shape[2] {
          for input in 0..<shape[3] {
            result[((out * shape[3] + input) * shape[1] + row) * shape[2] + column] = source[index]
            index += 1
          }
        }
      }
    }
    return result
  }

  /// Copies a kernel from [out, in, height, width] (reference) to [out, height, width, in] (here); `shape` is the
  /// shape here.
  public static func importKernel(_ source: [Float], shape: [Int]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(source.count)
    for out in 0..<shape[0] {
      for row in 0..<shape[1] {
        for column in 0..<shape[2] {
          for input in 0..<shape[3] {
            result.append(source[((out * shape[3] + input) * shape[1] + row) * shape[2] + column])
          }
        }
      }
    }
    return result
  }
}
