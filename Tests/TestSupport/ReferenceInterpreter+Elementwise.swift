import Foundation
import IR
import Ops

extension ReferenceInterpreter {
  static func constant(_ op: Constant) -> Evaluation {
    Evaluation(Tensor(TensorType(.f32, op.shape), filledWith: Double(op.value)))
  }

  static func unary(_ op: Unary, _ x: Tensor) -> Evaluation {
    Evaluation(Tensor(x.type, x.reals.map { apply(op.function, $0) }))
  }

  static func affine(_ op: Affine, _ x: Tensor) -> Evaluation {
    Evaluation(Tensor(x.type, x.reals.map { Double(op.scale) * $0 + Double(op.offset) }))
  }

  static func binary(_ op: Binary, _ x: Tensor, _ y: Tensor) -> Evaluation {
    let period = y.reals.count
    return Evaluation(
      Tensor(x.type, x.reals.indices.map { apply(op.function, x.reals[$0], y.reals[$0 % period]) }))
  }

  /// One row of the unary table.
  public static func apply(_ function: UnaryFunction, _ x: Double) -> Double {
    switch function {
    case .negate: return -x
    case .absolute: return abs(x)
    case .square: return x * x
    case .sqrt: return x.squareRoot()
    case .rsqrt: return 1 / x.squareRoot()
    case .reciprocal: return 1 / x
    case .exp: return exp(x)
    case .log: return log(x)
    case .relu: return max(x, 0)
    case .sigmoid: return sigmoid(x)
    case .tanh: return tanh(x)
    case .silu: return x * sigmoid(x)
    case .gelu: return x * normalDistribution(x)
    }
  }

  /// One row of the binary table.
  public static func apply(_ function: BinaryFunction, _ x: Double, _ y: Double) -> Double {
    switch function {
    case .add: return x + y
    case .subtract: return x - y
    case .multiply: return x * y
    case .divide: return x / y
    case .minimum: return min(x, y)
    case .maximum: return max(x, y)
    case .siluGradient: return siluSlope(x) * y
    case .geluGradient:
      return (normalDistribution(x) + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot()) * y
    case .reluGradient: return x > 0 ? y : 0
    case .absoluteGradient: return x > 0 ? y : x < 0 ? -y : 0
    }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// The derivative of x * sigmoid(x).
  static func siluSlope(_ x: Double) -> Double {
    let s = sigmoid(x)
    return s * (1 + x * (1 - s))
  }

  private static func normalDistribution(_ x: Double) -> Double {
    0.5 * (1 + erf(x / 2.0.squareRoot()))
  }

  static func pointwise(_ op: Pointwise, _ operands: [Tensor]) -> Evaluation {
    var result = operands[0]
    for position in result.reals.indices {
      var stack: [Double] = []
      for step in op.expression.steps {
        switch step {
        case .operand(let index): stack.append(operands[index].reals[position % operands[index].reals.count])
        case .unary(let function): stack.append(apply(function, stack.removeLast()))
        case .binary(let function):
          let y = stack.removeLast()
          stack.append(apply(function, stack.removeLast(), y))
        case .affine(let scale, let offset): stack.append(Double(scale) * stack.removeLast() + Double(offset))
        }
      }
      result.reals[position] = stack[0]
    }
    return Evaluation(result)
  }
}
