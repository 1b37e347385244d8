import IR
import Ops

extension Canonicalize {
  /// stop_gradient(x) = x: there is nothing left to differentiate.
  static func stopGradient(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    r.forward(position, to: operation.operands[0])
    return true
  }

  /// dropout(x) with rate 0 = x.
  static func dropoutOfNothing(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard r.symbols.isStable(operation.operands[0]) else { return false }
    r.forward(position, to: operation.operands[0])
    return true
  }

  /// f(constant) = constant, for functions that are exact in f32.
  static func unaryOfConstant(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .unary(let op) = operation.opCase, let x = r.constant(operation.operands[0]) else { return false }
    let value: Float
    switch op.function {
    case .negate: value = -x
    case .absolute: value = abs(x)
    case .square: value = x * x
    case .sqrt: value = x.squareRoot()
    case .reciprocal: value = 1 / x
    case .relu: value = max(x, 0)
    case .rsqrt, .exp, .log, .sigmoid, .tanh, .silu, .gelu: return false
    }
    return r.fill(position, value)
  }

  /// negate(negate(x)) = x; negate(affine(x)) = affine(x) with the signs changed.
  static func negateOfNegate(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .unary(let op) = operation.opCase, op.function == .negate,
      let inner = r.definition(of: operation.operands[0])
    else { return false }
    let x = inner.operation.operands.first
    guard let x, r.symbols.areUnchanged([x], from: inner.position, to: position) else { return false }
    switch inner.op {
    case .unary(let op) where op.function == .negate && r.symbols.isStable(x):
      r.forward(position, to: x)
    case .affine(let op):
      r.replace(position, with: Affine(scale: -op.scale, offset: -op.offset), [x])
    default: return false
    }
    return true
  }

  /// scale * constant + offset = constant.
  static func affineOfConstant(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .affine(let op) = operation.opCase, let x = r.constant(operation.operands[0]) else { return false }
    return r.fill(position, op.scale * x + op.offset)
  }

  /// 1 * x + 0 = x.
  static func affineIdentity(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .affine(let op) = operation.opCase, op.scale == 1, op.offset == 0,
      r.symbols.isStable(operation.operands[0])
    else { return false }
    r.forward(position, to: operation.operands[0])
    return true
  }

  /// a (b x + c) + d = (a b) x + (a c + d); a (-x) + d = (-a) x + d.
  static func affineOfAffine(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .affine(let outer) = operation.opCase, let inner = r.definition(of: operation.operands[0]),
      let x = inner.operation.operands.first, r.symbols.areUnchanged([x], from: inner.position, to: position)
    else { return false }
    switch inner.op {
    case .affine(let op):
      let merged = Affine(scale: outer.scale * op.scale, offset: outer.scale * op.offset + outer.offset)
      r.replace(position, with: merged, [x])
    case .unary(let op) where op.function == .negate:
      r.replace(position, with: Affine(scale: -outer.scale, offset: outer.offset), [x])
    default: return false
    }
    return true
  }

  /// f(constant, constant) = constant, for functions that are exact in f32.
  static func binaryOfConstants(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .binary(let op) = operation.opCase, let x = r.constant(operation.operands[0]),
      let y = r.constant(operation.operands[1])
    else { return false }
    let value: Float
    switch op.function {
    case .add: value = x + y
    case .subtract: value = x - y
    case .multiply: value = x * y
    case .divide: value = x / y
    case .minimum: value = min(x, y)
    case .maximum: value = max(x, y)
    case .siluGradient, .geluGradient, .reluGradient, .absoluteGradient: return false
    }
    return r.fill(position, value)
  }

  /// x + c, x - c, x * c, x / c, and c + x, c - x, c * x, with a filled constant c, as one affine.
  static func binaryWithConstant(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .binary(let op) = operation.opCase else { return false }
    let (x, y) = (operation.operands[0], operation.operands[1])
    let affine: Affine
    if let c = r.constant(y) {
      switch op.function {
      case .add: affine = Affine(scale: 1, offset: c)
      case .subtract: affine = Affine(scale: 1, offset: -c)
      case .multiply: affine = Affine(scale: c)
      case .divide where abs(c) > 1e-30 && abs(c) < 1e30: affine = Affine(scale: 1 / c)
      default: return false
      }
      r.replace(position, with: affine, [x])
    } else if let c = r.constant(x), r.type(x) == r.type(y) {
      switch op.function {
      case .add: affine = Affine(scale: 1, offset: c)
      case .subtract: affine = Affine(scale: -1, offset: c)
      case .multiply: affine = Affine(scale: c)
      default: return false
      }
      r.replace(position, with: affine, [y])
    } else {
      return false
    }
    return true
  }

  /// x + (-y) = x - y; x - (-y) = x + y; (-x) + y = y - x.
  static func binaryWithNegated(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .binary(let op) = operation.opCase, op.function == .add || op.function == .subtract else { return false }
    func negated(_ value: ValueID) -> ValueID? {
      guard let inner = r.definition(of: value), case .unary(let op) = inner.op, op.function == .negate,
        r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
      else { return nil }
      return inner.operation.operands[0]
    }
    let (x, y) = (operation.operands[0], operation.operands[1])
    if let inner = negated(y) {
      r.replace(position, with: Binary(op.function == .add ? .subtract : .add), [x, inner])
    } else if op.function == .add, r.type(x) == r.type(y), let inner = negated(x) {
      r.replace(position, with: Binary(.subtract), [y, inner])
    } else {
      return false
    }
    return true
  }

  /// f(x, broadcast(y)) = f(x, y) where the repetition is over leading dimensions, which f does itself; the same for the
  /// first operand of a function that does not mind the order.
  static func binaryWithBroadcast(_ r: inout Rewriter, _ position: Int, _ operation: Operation) -> Bool {
    guard case .binary(let op) = operation.opCase else { return false }
    func repeated(_ value: ValueID) -> ValueID? {
      guard let inner = r.definition(of: value), case .broadcast(let op) = inner.op, op.at == 0,
        r.symbols.areUnchanged(inner.operation.operands, from: inner.position, to: position)
      else { return nil }
      return inner.operation.operands[0]
    }
    let (x, y) = (operation.operands[0], operation.operands[1])
    if let inner = repeated(y) {
      r.replace(position, with: op, [x, inner])
      return true
    }
    switch op.function {
    case .add, .multiply, .minimum, .maximum:
      guard r.type(x) == r.type(y), let inner = repeated(x) else { return false }
      r.replace(position, with: op, [y, inner])
      return true
    default: return false
    }
  }
}

extension Rewriter {
  /// Puts a filled constant in the place of an operation.
  mutating func fill(_ position: Int, _ value: Float) -> Bool {
    guard value.isFinite else { return false }
    let result = operations[position].results[0]
    replace(position, with: Constant(value, shape: shape(result)), [])
    return true
  }
}
