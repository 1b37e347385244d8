import Autodiff
import IR
import Ops

/// A random valid program with everything needed to run it, the same for the same seed.
///
/// Its outputs are the scalar `loss`, differentiable with respect to every real input and parameter, and up to two
/// intermediate values `y0`, `y1`. Elements stay moderate and clear of kinks and poles (each operation is tried in the
/// reference interpreter before it is kept), so that finite differences and single precision are both meaningful.
/// Programs hold what passes look for: repeated operations, identities, transposed pairs, operations nobody uses.
public struct RandomProgram: Sendable {
  /// The program.
  public var program: Program
  /// Contents of the inputs.
  public var inputs: [String: Tensor]
  /// Contents of the symbols before the run.
  public var symbols: [String: Tensor]

  /// The program of a seed, with about as many operations as asked for, the loss aside.
  ///
  /// - Parameters:
  ///   - seed: Equal seeds give equal programs.
  ///   - operationCount: Fewest and most operations before the loss.
  public init(seed: Int, operationCount: ClosedRange<Int> = 5...40) {
    var generator = ProgramGenerator(seed: seed)
    self = generator.generate(operationCount: operationCount)
  }

  init(program: Program, inputs: [String: Tensor], symbols: [String: Tensor]) {
    self.program = program
    self.inputs = inputs
    self.symbols = symbols
  }

  /// The same program followed by a whole training step: gradients of the loss, their norm (output `norm`), an Adam
  /// update of every parameter and a step counter.
  public func trainingStep() throws -> RandomProgram {
    let builder = ProgramBuilder(continuing: program)
    var symbols = symbols
    let parameters = program.symbols.filter { $0.symbol.role == .parameter }
    guard let loss = program.outputs.first(where: { $0.name == "loss" }) else {
      throw ReferenceError("@\(program.name) has no loss")
    }
    let gradients = try ReverseMode.gradients(of: loss.value, withRespectTo: parameters.map(\.value), in: builder)
    func state(_ name: String, _ type: TensorType, _ contents: Tensor) -> ValueID {
      symbols[name] = contents
      return builder.symbol(Symbol(name: name, type: type, role: .state, initializer: .zeros))
    }
    builder.scoped("optimizer") {
      let step = state("step", .i32(), .scalar(integer: 2))
      if !gradients.isEmpty {
        let norm = builder.emit(GradientNorm(), gradients)[0]
        builder.output("norm", norm)
        let scale = builder.unary(.reciprocal, builder.affine(norm, scale: 1, offset: 1))
        let rate = builder.emitOne(
          LearningRate(kind: .cosine, base: 0.05, warmup: 2, total: 10, final: 0.1), step)
        var random = RandomTensors(seed: program.operations.count)
        for (use, gradient) in zip(parameters, gradients) {
          let type = use.symbol.type
          let first = state(use.symbol.name + ".first", type, random.tensor(type, .between(-0.1, 0.1)))
          let second = state(use.symbol.name + ".second", type, random.tensor(type, .between(0.1, 0.2)))
          builder.emit(
            Adam(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.01),
            [use.value, first, second, gradient, rate, scale, step])
        }
      }
      builder.emit(Increment(), [step])
    }
    return RandomProgram(program: builder.program, inputs: inputs, symbols: symbols)
  }
}
