import Foundation
import Runtime
import Storage

/// A checkpoint that does not belong to this model, or cannot be read.
public struct CheckpointError: Error, CustomStringConvertible {
  /// File and reason.
  public var description: String
}

/// Saves and loads the symbols of a training stage.
public enum Checkpoint {
  /// A stage of training.
  public enum Stage: String, CaseIterable, Sendable {
    /// The tokenizer.
    case tokenizer
    /// The generator.
    case generator

    /// Whether a symbol belongs to the stage's checkpoint. Caches of decoding and constants belong to none.
    func owns(_ name: String) -> Bool {
      if name.hasPrefix("generator.cache.") || name == "generator.rotary" || name.hasPrefix("derived.") { return false }
      let generator = name.hasPrefix("generator.") || name.hasPrefix("average.generator.")
      return generator == (self == .generator)
    }
  }

  /// Writes every symbol of a stage atomically.
  ///
  /// - Parameter step: Steps done.
  public static func save(_ store: ParameterStore, stage: Stage, step: Int, path: String, name: String) throws {
    let tensors = store.names.filter(stage.owns).compactMap { name -> TensorSource? in
      guard let symbol = store.symbol(name), symbol.role != .constant else { return nil }
      if let values = store.floats(name) {
        return TensorSource(name: name, shape: symbol.type.shape, values: .float32(UnsafeBufferPointer(values)))
      }
      return store.integers(name).map {
        TensorSource(name: name, shape: symbol.type.shape, values: .int32(UnsafeBufferPointer($0)))
      }
    }
    let metadata = ["format": "facet-1", "stage": stage.rawValue, "step": String(step), "model": name]
    try SafetensorsWriter.write(path: path, tensors: tensors, metadata: metadata)
  }

  /// Fills every symbol of the store that belongs to the stage; all must be in the file with their shape.
  ///
  /// - Returns: Steps done when the checkpoint was written.
  @discardableResult
  public static func load(_ store: ParameterStore, stage: Stage, path: String) throws -> Int {
    let file = try SafetensorsFile(path: path)
    guard file.metadata["stage"] == stage.rawValue, let step = file.metadata["step"].flatMap(Int.init) else {
      throw CheckpointError(description: "\(path): this is not a checkpoint of the \(stage.rawValue) stage")
    }
    for name in store.names where stage.owns(name) {
      guard let symbol = store.symbol(name), symbol.role != .constant else { continue }
      let entry = try file.entry(name)
      guard entry.shape == symbol.type.shape else {
        throw CheckpointError(
          description: "\(path): '\(name)' has shape \(entry.shape), the model needs \(symbol.type.shape)")
      }
      if let values = store.floats(name) {
        try file.read(name, into: values)
      } else if let values = store.integers(name) {
        try file.readInt32(name, into: values)
      }
    }
    return step
  }

  /// Fills the parameters of the store for inference: from the moving averages where the checkpoint has them.
  public static func loadForInference(_ store: ParameterStore, stage: Stage, path: String) throws {
    let file = try SafetensorsFile(path: path)
    for name in store.names where stage.owns(name) {
      guard let symbol = store.symbol(name), symbol.role == .parameter, let values = store.floats(name) else {
        continue
      }
      let average = "average." + name
      let source = file.tensors[average] == nil ? name : average
      let entry = try file.entry(source)
      guard entry.shape == symbol.type.shape else {
        throw CheckpointError(
          description: "\(path): '\(source)' has shape \(entry.shape), the model needs \(symbol.type.shape)")
      }
      try file.read(source, into: values)
    }
  }
}
