import IR
import Ops
import TestSupport

/// Valid programs made of random operations: values of many sizes and lifetimes, views of values and of symbols,
/// results nobody reads, in-place updates between reads, outputs that are inputs, symbols or views.
struct ArenaProgram {
  private var random: RandomTensors
  private let builder = ProgramBuilder(name: "random")
  private var values: [ValueID] = []
  private var states: [ValueID] = []

  static func make(seed: Int, operations: Int) -> Program {
    var generator = ArenaProgram(random: RandomTensors(seed: seed))
    return generator.make(operations)
  }

  private init(random: RandomTensors) { self.random = random }

  private mutating func pick(_ list: [ValueID]) -> ValueID { list[Int.random(in: 0..<list.count, using: &random)] }

  /// Mostly recent values, sometimes old ones: short and long lives.
  private mutating func value() -> ValueID {
    Int.random(in: 0..<4, using: &random) > 0 ? pick(values.suffix(4)) : pick(values)
  }

  private mutating func make(_ count: Int) -> Program {
    for index in 0..<3 {
      let rows = Int.random(in: 1...4, using: &random)
      values.append(builder.input("x\(index)", .f32(rows, 4 * Int.random(in: 1...40, using: &random))))
    }
    for index in 0..<3 {
      let type = TensorType.f32(Int.random(in: 1...4, using: &random), 8)
      states.append(
        builder.symbol(Symbol(name: "s\(index)", type: type, role: .state, initializer: .zeros)))
    }
    values += states
    while builder.program.operations.count < count { emit() }
    for index in 0..<Int.random(in: 1...4, using: &random) { builder.output("y\(index)", value()) }
    return builder.program
  }

  private mutating func emit() {
    let x = value()
    let shape = builder.shape(of: x)
    let elements = shape.reduce(1, *)
    switch Int.random(in: 0..<14, using: &random) {
    case 0, 1: values.append(builder.unary(.silu, x))
    case 2: values.append(builder.affine(x, scale: 2, offset: 1))
    case 3: values.append(builder.mul(x, x))
    case 4: values.append(builder.emitOne(Reshape([elements]), x))
    case 5: values.append(builder.emitOne(StopGradient(), x))
    case 6:
      let axis = Int.random(in: 0..<max(1, shape.count), using: &random)
      guard !shape.isEmpty, shape[axis] > 1 else { return }
      let start = Int.random(in: 0..<shape[axis], using: &random)
      let end = Int.random(in: start + 1...shape[axis], using: &random)
      values.append(builder.emitOne(Slice(axis: axis, start: start, end: end), x))
    case 7:
      guard elements < 2000, shape.count < 4 else { return }
      values.append(builder.emitOne(Broadcast(at: 0, extents: [2]), x))
    case 8:
      guard !shape.isEmpty else { return }
      values.append(builder.emitOne(ReduceSum(start: 0, end: 1), x))
    case 9:
      let same = values.filter { builder.shape(of: $0) == shape }
      values.append(builder.add(x, pick(same)))
    case 10:
      guard shape.count >= 2, shape[shape.count - 1] % 4 == 0 else { return }
      let ones = builder.emitOne(Constant(1, shape: [shape[shape.count - 1]]))
      values += builder.emit(GroupNorm(groups: 2), [x, ones, ones])
    case 11:
      guard elements % 4 == 0, elements >= 8 else { return }
      let rows = builder.emitOne(Reshape([elements / 4, 4]), x)
      values.append(builder.emitOne(Slice(axis: 0, start: 1, end: elements / 4), rows))
    case 12: values.append(builder.emitOne(Constant(3, shape: [Int.random(in: 1...500, using: &random)])))
    default:
      let state = pick(states)
      let source = values.filter { builder.type(of: $0) == builder.type(of: state) }
      builder.emit(MovingAverage(decay: 0.9), [state, pick(source)])
    }
  }
}

/// A training step in outline: stages of residual blocks with activations kept for the way back, where every block makes
/// its weights' gradients; a clipping factor that needs all of them; then the updates.
enum TrainingProgram {
  static func make(stages: [Int], blocks: Int) -> Program {
    let b = ProgramBuilder(name: "train")
    var x = b.input("x", .f32(64, stages[0]))
    var tape: [(x: ValueID, h: ValueID, a: ValueID, weight: ValueID)] = []
    for (stage, width) in stages.enumerated() {
      b.scoped("stage\(stage)") {
        if b.shape(of: x)[1] != width { x = b.linear(x, b.parameter("down", [width, b.shape(of: x)[1]], .zeros)) }
        for block in 0..<blocks {
          let weight = b.parameter("block\(block)", [width, width], .zeros)
          let h = b.linear(x, weight)
          let a = b.unary(.silu, h)
          tape.append((x, h, a, weight))
          x = b.add(x, a)
        }
      }
    }
    var dy = b.affine(x, scale: 2)
    var gradients: [(ValueID, ValueID)] = []
    for entry in tape.reversed() {
      if b.shape(of: dy) != b.shape(of: entry.x) {
        dy = b.emitOne(MatMul(), dy, b.emitOne(Constant(1, shape: [b.shape(of: dy)[1], b.shape(of: entry.x)[1]])))
      }
      let dh = b.binary(.siluGradient, entry.h, dy)
      gradients.append((entry.weight, b.emitOne(MatMul(transposeA: true), dh, entry.x)))
      dy = b.add(dy, b.emitOne(MatMul(), dh, entry.weight))
    }
    let norm = b.emit(GradientNorm(), gradients.map(\.1))[0]
    let scale = b.binary(.minimum, b.unary(.reciprocal, norm), b.scalar(1))
    let step = b.symbol(Symbol(name: "step", type: .i32(), role: .state, initializer: .zeros))
    for (weight, gradient) in gradients {
      let moments = ["m", "v"].map { suffix in
        b.symbol(
          Symbol(name: "\(weight.index).\(suffix)", type: b.type(of: weight), role: .state, initializer: .zeros))
      }
      b.emit(
        Adam(beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0),
        [weight] + moments + [gradient, b.scalar(1e-3), scale, step])
    }
    b.emit(Increment(), [step])
    b.output("norm", norm)
    return b.program
  }
}
