import IR
import Runtime
import Storage

/// A checkpoint, a run or codes that do not belong to this model, or cannot be read.
public struct CheckpointError: Error, CustomStringConvertible {
  /// File and reason.
  public var description: String
}

/// Saves and loads what a training stage needs to go on as if it had never stopped: parameters, moments, averages, the
/// step, and the windows over which the use of the codebooks is measured.
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
  /// - Parameters:
  ///   - step: Steps done.
  ///   - usage: Windows by sub-codebook name.
  public static func save(
    _ store: ParameterStore, stage: Stage, step: Int, path: String, name: String, usage: [String: UsageWindow] = [:]
  ) throws {
    var tensors = store.names.filter(stage.owns).compactMap { name -> TensorSource? in
      guard let symbol = store.symbol(name), symbol.role != .constant else { return nil }
      if let values = store.floats(name) {
        return TensorSource(name: name, shape: symbol.type.shape, values: .float32(UnsafeBufferPointer(values)))
      }
      return store.integers(name).map {
        TensorSource(name: name, shape: symbol.type.shape, values: .int32(UnsafeBufferPointer($0)))
      }
    }
    tensors += usage.mapValues(\.history).sorted { $0.key < $1.key }.map { book, history in
      TensorSource(name: usagePrefix + book, shape: [history.count], values: .integers(history))
    }
    let metadata = ["format": "facet-1", "stage": stage.rawValue, "step": String(step), "model": name]
    try SafetensorsWriter.write(path: path, tensors: tensors, metadata: metadata)
  }

  private static let usagePrefix = "usage."

  /// Networks that serve losses only; a spec may come by them after training has begun.
  private static let networksOfLosses = ["discriminator.", "representation."]

  /// Fills every symbol of the store that belongs to the stage; whatever is in the file must have its shape. What the
  /// file lacks begins anew where it is the state of a part which was frozen before, moving averages that the spec did
  /// not have, or the whole of a network of a loss: copies of parameters as copies of what was read, all else as at a
  /// start. Everything else must be in the file.
  ///
  /// - Returns: Steps done when the checkpoint was written, the histories of usage by sub-codebook name, and what begins
  ///   anew.
  public static func load(
    _ store: ParameterStore, stage: Stage, path: String
  ) throws -> (step: Int, usage: [String: [Int32]], fresh: [String]) {
    let file = try SafetensorsFile(path: path)
    let step = try step(of: file, stage)
    let networks = networksOfLosses.filter { network in !file.tensors.keys.contains { $0.hasPrefix(network) } }
    var fresh: [Symbol] = []
    for name in store.names where stage.owns(name) {
      guard let symbol = store.symbol(name), symbol.role != .constant else { continue }
      let mayBegin = symbol.role == .state && store.floats(name) != nil
      if file.tensors[name] == nil, mayBegin || networks.contains(where: name.hasPrefix) {
        fresh.append(symbol)
        continue
      }
      try check(file, name, symbol.type.shape)
      if let values = store.floats(name) {
        try file.read(name, into: values)
      } else if let values = store.integers(name) {
        try file.readInt32(name, into: values)
      }
    }
    var usage: [String: [Int32]] = [:]
    for name in file.tensors.keys where name.hasPrefix(usagePrefix) {
      usage[String(name.dropFirst(usagePrefix.count))] = try file.int32s(name)
    }
    for symbol in fresh {
      guard case .copy(let source) = symbol.initializer, let values = store.floats(source) else { continue }
      _ = store.floats(symbol.name)?.update(from: values)
    }
    return (step, usage, fresh.map(\.name))
  }

  /// Fills the parameters of the store for inference, from the moving averages where the checkpoint has them, and the
  /// running statistics that programs of inference read.
  ///
  /// - Returns: Steps done when the checkpoint was written.
  @discardableResult
  public static func loadForInference(_ store: ParameterStore, stage: Stage, path: String) throws -> Int {
    let weights = try InferenceWeights(stage, path: path)
    for name in store.names where stage.owns(name) {
      guard let symbol = store.symbol(name), InferenceWeights.include(symbol) else { continue }
      try weights.load(name, into: store)
    }
    return weights.step
  }

  static func step(of file: SafetensorsFile, _ stage: Stage) throws -> Int {
    guard file.metadata["stage"] == stage.rawValue, let step = file.metadata["step"].flatMap(Int.init) else {
      throw CheckpointError(description: "\(file.path): this is not a checkpoint of the \(stage.rawValue) stage")
    }
    return step
  }

  static func check(_ file: SafetensorsFile, _ name: String, _ shape: [Int]) throws {
    let entry = try file.entry(name)
    guard entry.shape == shape else {
      throw CheckpointError(
        description: "\(file.path): '\(name)' has shape \(entry.shape), the model needs \(shape)")
    }
  }
}
