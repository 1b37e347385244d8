import IR
import Models
import Runtime
import Storage

/// The weights of a checkpoint as inference uses them: the moving averages where there are some.
public struct InferenceWeights {
  /// Steps done when the checkpoint was written.
  public let step: Int
  private let file: SafetensorsFile

  /// Opens a checkpoint of a stage.
  public init(_ stage: Checkpoint.Stage, path: String) throws {
    file = try SafetensorsFile(path: path)
    step = try Checkpoint.step(of: file, stage)
  }

  /// Whether inference reads a symbol from checkpoints: parameters, and running statistics.
  static func include(_ symbol: Symbol) -> Bool { symbol.role == .parameter || BatchStatistics.areRunning(symbol) }

  /// Steps that the discriminator was trained for; 0 where there is none.
  func discriminatorSteps() throws -> Int {
    let counter = OptimizationStep.counterName(prefix: "discriminator")
    return file.tensors[counter] == nil ? 0 : Int(try file.int32s(counter)[0])
  }

  /// Checks that the checkpoint has all parameters of a program in their shapes.
  public func check(_ program: Program) throws {
    for use in program.symbols where use.symbol.role == .parameter {
      try Checkpoint.check(file, source(of: use.symbol.name), use.symbol.type.shape)
    }
  }

  private func source(of name: String) -> String {
    let average = OptimizationStep.averageName(of: name)
    return file.tensors[average] == nil ? name : average
  }

  /// Fills one f32 symbol of the store.
  public func load(_ name: String, into store: ParameterStore) throws {
    guard let symbol = store.symbol(name), let values = store.floats(name) else { return }
    let source = source(of: name)
    try Checkpoint.check(file, source, symbol.type.shape)
    try file.read(source, into: values)
  }
}
