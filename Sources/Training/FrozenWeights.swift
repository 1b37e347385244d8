import Models
import Runtime
import Storage

/// A file of pretrained weights that does not fit the network it is for; says everything that is wrong at once.
public struct WeightsError: Error, CustomStringConvertible {
  /// File, what was expected and what was found.
  public var description: String

  init(_ path: String, _ network: String, _ problems: [String]) {
    let shown = problems.prefix(12).map { "\n  \($0)" }.joined()
    let rest = problems.count > 12 ? "\n  and \(problems.count - 12) more" : ""
    description = "\(path) does not fit \(network):\(shown)\(rest)"
  }
}

/// Fills constants of a store from a safetensors file.
struct FrozenWeights {
  /// One tensor of the file and where it goes.
  struct Slot {
    /// Name in the file.
    var name: String
    /// Shape in the file.
    var shape: [Int]
    /// Symbol of the store.
    var symbol: String
    /// First element of the symbol that it fills.
    var offset = 0

    init(_ name: String, _ shape: [Int], to symbol: String, offset: Int = 0) {
      self.name = name
      self.shape = shape
      self.symbol = symbol
      self.offset = offset
    }
  }

  let file: SafetensorsFile
  let network: String

  init(path: String, network: String) throws {
    file = try SafetensorsFile(path: path)
    self.network = network
  }

  /// Fills the symbols; convolution kernels [out, in, h, w] become [out, h, w, in].
  func fill(_ store: ParameterStore, _ slots: [Slot]) throws {
    let problems = slots.compactMap { slot -> String? in
      guard let entry = file.tensors[slot.name] else {
        return "'\(slot.name)' with shape \(slot.shape) is missing"
      }
      guard entry.type.readsAsFloat else {
        return "'\(slot.name)' has elements of type \(entry.type.rawValue), not real numbers"
      }
      return entry.shape == slot.shape
        ? nil : "'\(slot.name)' must have shape \(slot.shape), but has \(entry.shape)"
    }
    guard problems.isEmpty else { throw WeightsError(file.path, network, problems) }
    for slot in slots {
      guard let target = store.floats(slot.symbol), let symbol = store.symbol(slot.symbol) else { continue }
      var values = try file.floats(slot.name)
      guard values.allSatisfy(\.isFinite) else {
        throw WeightsError(file.path, network, ["'\(slot.name)' holds numbers that are not finite"])
      }
      if slot.shape.count == 4 && symbol.type.rank == 4 {
        values = ReferenceNames.importKernel(values, shape: symbol.type.shape)
      }
      for (index, value) in values.enumerated() { target[slot.offset + index] = value }
    }
  }
}

extension FrozenWeights {
  /// Fills the perceptual network of a store: torchvision's names of VGG16, LPIPS' names of its linear heads.
  static func loadPerceptual(_ store: ParameterStore, path: String) throws {
    var slots: [Slot] = []
    var (module, layer, input) = (0, 0, 3)
    for (stage, widths) in PerceptualLoss.stages.enumerated() {
      // Between stages torchvision counts a pooling, after each convolution a rectifier.
      if stage > 0 { module += 1 }
      for width in widths {
        slots.append(Slot("features.\(module).weight", [width, input, 3, 3], to: "perceptual.conv.\(layer).weight"))
        slots.append(Slot("features.\(module).bias", [width], to: "perceptual.conv.\(layer).bias"))
        (module, layer, input) = (module + 2, layer + 1, width)
      }
      slots.append(Slot("lin\(stage).model.1.weight", [1, input, 1, 1], to: "perceptual.lin.\(stage)"))
    }
    try FrozenWeights(path: path, network: "the perceptual loss (VGG16 with LPIPS heads)").fill(store, slots)
  }
}
