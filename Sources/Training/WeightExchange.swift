import IR
import Models
import Runtime
import Spec
import Storage

/// Reads parameters of the public reference implementation into a model, and writes them back under its names.
public struct WeightExchange {
  private let spec: ModelSpec
  private let names: ReferenceNames

  /// An exchange for a spec.
  /// - Throws: `CheckpointError` where the reference has no such model.
  public init(_ spec: ModelSpec) throws {
    guard let names = ReferenceNames(spec) else {
      throw CheckpointError(
        description: "the reference implementation has one to three `vq` codebooks, '\(spec.name)' does not")
    }
    self.spec = spec
    self.names = names
  }

  /// What an import did.
  public struct Report: Sendable {
    /// Parameters filled.
    public var filled = 0
    /// Parameters of the model that no file has, or for which the reference has no name, and that keep their fresh
    /// values (parts used in training only).
    public var missing: [String] = []
    /// Tensors of the files that the model has no place for.
    public var unused: [String] = []
    /// The dictionary that was read of a file that has several.
    public var section: String?
  }

  /// Fills the parameters of a stage from files. Every parameter that encoding, decoding or generation needs must be
  /// there with its shape; everything that is wrong is reported at once.
  ///
  /// - Parameter section: The dictionary to read of checkpoints that hold several (`model`, `ema`); chosen if nil.
  public func load(
    _ files: [ForeignWeights], into store: ParameterStore, stage: Checkpoint.Stage, section: String?
  ) throws -> Report {
    var report = Report()
    var sources: [String: (file: ForeignWeights, name: String, shape: [Int])] = [:]
    for file in files {
      let shapes = file.shapes
      let chosen = try self.section(shapes, section, file.path)
      if let chosen { report.section = chosen }
      for (name, shape) in shapes {
        var short = name
        for prefix in [chosen, "discriminator"].compactMap({ $0 }) where name.hasPrefix(prefix + ".") {
          short = String(name.dropFirst(prefix.count + 1))
        }
        // Other dictionaries of the checkpoint (optimizers, averages) are not asked for.
        if short == name, chosen != nil { continue }
        sources[Self.unwrapped(short)] = (file, name, shape)
      }
    }
    var problems: [String] = []
    var slots: [(parameter: String, source: String)] = []
    for parameter in store.names where stage.owns(parameter) {
      guard let symbol = store.symbol(parameter), InferenceWeights.include(symbol) else { continue }
      guard let reference = names.name(of: parameter) else {
        report.missing.append(parameter)
        continue
      }
      let wanted = names.shape(of: parameter, symbol.type.shape)
      guard let source = sources.removeValue(forKey: reference) else {
        if ["representation.", "discriminator."].contains(where: parameter.hasPrefix) {
          report.missing.append(parameter)
        } else {
          problems.append("'\(reference)' with shape \(wanted) is missing")
        }
        continue
      }
      if source.shape != wanted {
        problems.append("'\(reference)' must have shape \(wanted), but has \(source.shape)")
      } else {
        slots.append((parameter, reference))
        sources[reference] = source
      }
    }
    if slots.isEmpty, !problems.isEmpty {
      let examples = sources.values.map { "'\($0.name)'" }.sorted().prefix(3).joined(separator: ", ")
      problems.insert(
        examples.isEmpty ? "it has no tensors" : "none of its names is one of these; it has for example \(examples)",
        at: 0)
    }
    guard problems.isEmpty else {
      throw WeightsError(files.map(\.path).joined(separator: ", "), "the spec '\(spec.name)'", problems)
    }
    for (parameter, reference) in slots {
      guard let source = sources.removeValue(forKey: reference), let target = store.floats(parameter),
        let symbol = store.symbol(parameter)
      else { continue }
      var values = try source.file.floats(source.name)
      guard values.allSatisfy(\.isFinite) else {
        throw CheckpointError(description: "\(source.file.path): '\(source.name)' holds numbers that are not finite")
      }
      if symbol.type.rank == 4 { values = ReferenceNames.importKernel(values, shape: symbol.type.shape) }
      _ = target.update(from: values)
      // What follows a weight begins at the weight that came in, not at the fresh one.
      for follower in [OptimizationStep.averageName(of: parameter), Codebook.sumName(of: parameter)] {
        if let target = follower.flatMap(store.floats) { _ = target.update(from: values) }
      }
      report.filled += 1
    }
    report.unused = sources.values.map(\.name).sorted()
    return report
  }

  /// A name without what wrappers for several devices and for compilation put in front of it.
  private static func unwrapped(_ name: String) -> String {
    for wrapper in ["module.", "_orig_mod."] where name.hasPrefix(wrapper) {
      return unwrapped(String(name.dropFirst(wrapper.count)))
    }
    return name
  }

  /// The dictionary of a checkpoint that holds the weights; nil where they stand at the top.
  private func section(_ shapes: [String: [Int]], _ wanted: String?, _ path: String) throws -> String? {
    func has(_ name: String) -> Bool { shapes.keys.contains { $0.hasPrefix(name + ".") } }
    if let wanted {
      guard has(wanted) else { throw CheckpointError(description: "\(path) has no dictionary '\(wanted)'") }
      return wanted
    }
    return ["model", "state_dict", "ema"].first(where: has)
  }

  /// Writes the parameters of a checkpoint under the reference's names and in its layout.
  ///
  /// - Parameter average: Whether moving averages are written in the place of the weights where there are any.
  /// - Returns: The number of tensors written, and the parameters for which the reference has no name.
  public func export(
    _ checkpoint: String, to path: String, average: Bool
  ) throws -> (written: Int, unnamed: [String]) {
    let file = try SafetensorsFile(path: checkpoint)
    var tensors: [TensorSource] = []
    var unnamed: [String] = []
    for (name, entry) in file.tensors.sorted(by: { $0.key < $1.key }) {
      let isUpkeep = ["average.", "tokenizer.", "generator.moment", "generator.step", "discriminator.moment"]
        .contains { name.hasPrefix($0) }
      if isUpkeep || Codebook.keepsUp(name) || entry.type.readsAsInt32 { continue }
      guard let reference = names.name(of: name) else {
        unnamed.append(name)
        continue
      }
      let averaged = OptimizationStep.averageName(of: name)
      var values = try file.floats(average && file.tensors[averaged] != nil ? averaged : name)
      if entry.shape.count == 4 { values = ReferenceNames.exportKernel(values, shape: entry.shape) }
      tensors.append(
        TensorSource(name: reference, shape: names.shape(of: name, entry.shape), values: .floats(values)))
    }
    try SafetensorsWriter.write(path: path, tensors: tensors, metadata: ["format": "pt", "model": spec.name])
    return (tensors.count, unnamed)
  }
}
