import IR
import Ops
import Spec

/// What building a model needs besides its sizes: the builder, whether the graph trains, and randomness.
public final class GraphContext {
  /// Where operations go.
  public let builder: ProgramBuilder
  /// The (seed, step) pair of a training program; nil in programs without dropout.
  public let key: ValueID?
  /// The steps done, i32[], of a training program; nil elsewhere.
  public let step: ValueID?
  private var nextStream = 0
  private var updates: [(scope: String, emit: (GraphContext) -> Void)] = []

  /// A context; `key` turns dropout on, `step` schedules.
  public init(builder: ProgramBuilder, key: ValueID? = nil, step: ValueID? = nil) {
    self.builder = builder
    self.key = key
    self.step = step
  }

  /// A number that distinguishes one random draw of the program from all others.
  public func makeStream() -> Int {
    nextStream += 1
    return nextStream
  }

  /// Dropout in training programs, the identity elsewhere.
  public func dropout(_ x: ValueID, rate: Float) -> ValueID {
    guard let key, rate > 0 else { return x }
    return builder.emitOne(Dropout(rate: rate, stream: makeStream()), x, key)
  }

  /// A weight that is never trained and read from a file of another network; named under the builder's scope.
  public func frozen(_ name: String, _ shape: [Int]) -> ValueID {
    let path = builder.scope.isEmpty ? name : "\(builder.scope).\(name)"
    return builder.symbol(Symbol(name: path, type: TensorType(.f32, shape), role: .constant, initializer: .zeros))
  }

  /// Notes an update of state that must come after everything that reads the state, gradients included.
  public func atEnd(_ emit: @escaping (GraphContext) -> Void) { updates.append((builder.scope, emit)) }

  /// Emits the updates noted so far.
  public func finish() {
    for update in updates { builder.withScope(update.scope) { update.emit(self) } }
    updates.removeAll()
  }

  /// A loss times its weight, which may follow a schedule over the steps of the program.
  public func weighted(_ loss: ValueID, _ weight: Double, _ schedule: WeightSchedule = WeightSchedule()) -> ValueID {
    builder.withScope("losses.weights") {
      if let factor = scheduled(weight, schedule) { return builder.mul(loss, factor) }
      return weight == 1 ? loss : builder.affine(loss, scale: Float(weight))
    }
  }

  /// A number, f32[], that follows a schedule over the steps of the program; nil where it is `value` throughout.
  public func scheduled(_ value: Double, _ schedule: WeightSchedule) -> ValueID? {
    let shape: ScheduleShape
    switch schedule.kind {
    case .constant: return nil
    case .step: shape = .step
    case .linear: shape = .linear
    case .cosine: shape = .cosine
    }
    guard let step else { return nil }
    let op = Schedule(
      shape, from: Float(value * schedule.from), to: Float(value), start: schedule.start, span: schedule.steps)
    return builder.emitOne(op, step)
  }
}
