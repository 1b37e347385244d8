import IR
import Ops

/// Runs programs in double precision with the plainest loops that say what each op means. It is the definition of
/// truth for gradients, passes, plans and kernels: clarity ranks above speed, and nothing is fused, blocked or reused.
///
/// Operations that name a symbol see its contents at that moment; every result is a value of its own, so an operation
/// that updates a symbol never changes a result computed before.
public enum ReferenceInterpreter {
  /// What one operation gives: its results, and the new contents of the operands it updates in place.
  public struct Evaluation: Sendable {
    /// One tensor per result.
    public var results: [Tensor]
    /// New contents by operand position.
    public var updates: [Int: Tensor]

    init(_ results: Tensor...) {
      self.results = results
      updates = [:]
    }

    init(results: [Tensor]) {
      self.results = results
      updates = [:]
    }

    init(updates: [Int: Tensor]) {
      results = []
      self.updates = updates
    }
  }

  /// Runs a program.
  ///
  /// - Parameters:
  ///   - program: A verified program.
  ///   - inputs: One tensor per input, by name.
  ///   - symbols: One tensor per symbol, by name; updated in place.
  /// - Returns: One tensor per output, by name.
  public static func run(
    _ program: Program, inputs: [String: Tensor], symbols: inout [String: Tensor]
  ) throws(ReferenceError) -> [String: Tensor] {
    var values = [Tensor?](repeating: nil, count: program.values.count)
    for port in program.inputs {
      values[port.value.index] = try bound(
        inputs[port.name], as: "input %\(port.name)", program.type(of: port.value), program)
    }
    for use in program.symbols {
      values[use.value.index] = try bound(
        symbols[use.symbol.name], as: "symbol @\(use.symbol.name)", use.symbol.type, program)
    }
    for operation in program.operations {
      let place = "@\(program.name): \(operation.op.mnemonic) in '\(operation.scope)'"
      var operands: [Tensor] = []
      for operand in operation.operands {
        guard let value = values[operand.index] else {
          throw ReferenceError("\(place): an operand is not defined")
        }
        operands.append(value)
      }
      let evaluation: Evaluation
      do {
        evaluation = try evaluate(
          operation.opCase, operands, results: program.types(of: operation.results))
      } catch { throw ReferenceError("\(place): \(error)") }
      for (result, tensor) in zip(operation.results, evaluation.results) {
        values[result.index] = tensor
      }
      for (position, tensor) in evaluation.updates {
        values[operation.operands[position].index] = tensor
      }
    }
    for use in program.symbols { symbols[use.symbol.name] = values[use.value.index] }
    var outputs: [String: Tensor] = [:]
    for port in program.outputs { outputs[port.name] = values[port.value.index] }
    return outputs
  }

  /// Runs a program that names no symbols.
  public static func run(_ program: Program, inputs: [String: Tensor]) throws(ReferenceError)
    -> [String: Tensor]
  {
    var none: [String: Tensor] = [:]
    return try run(program, inputs: inputs, symbols: &none)
  }

  private static func bound(
    _ tensor: Tensor?, as name: String, _ type: TensorType, _ program: Program
  ) throws(ReferenceError) -> Tensor {
    guard let tensor else { throw ReferenceError("@\(program.name): \(name) is not given") }
    guard tensor.type == type else {
      throw ReferenceError("@\(program.name): \(name) is \(tensor.type), not \(type)")
    }
    return tensor
  }

  /// Evaluates one op on operands that satisfy its shape rule; `results` are the types which that rule gives.
  public static func evaluate(
    _ op: OpCase, _ operands: [Tensor], results: [TensorType]
  ) throws(ReferenceError) -> Evaluation {
    switch op {
    case .constant(let op): return constant(op)
    case .unary(let op): return unary(op, operands[0])
    case .affine(let op): return affine(op, operands[0])
    case .binary(let op): return binary(op, operands[0], operands[1])
    case .pointwise(let op): return pointwise(op, operands)
    case .stopGradient: return Evaluation(operands[0])
    case .reshape: return Evaluation(operands[0].viewed(as: results[0]))
    case .transpose(let op): return transpose(op, operands[0], results[0])
    case .concat(let op): return concat(op, operands, results[0])
    case .slice(let op): return slice(op, operands[0], results[0])
    case .pad(let op): return pad(op, operands[0], results[0])
    case .reduceSum(let op): return reduceSum(op, operands[0], results[0])
    case .broadcast(let op): return broadcast(op, operands[0], results[0])
    case .matmul(let op):
      return finish(op.epilogue, operands, matmul(op, operands[0], operands[1], results[0]))
    case .linear(let op):
      return finish(op.epilogue, operands, linear(Array(op.epilogue.inner(operands)), results[0]))
    case .packWeights: return Evaluation(operands[0].viewed(as: results[0]))
    case .conv2D(let op):
      return finish(op.epilogue, operands, conv2D(op, Array(op.epilogue.inner(operands)), results[0]))
    case .conv2DInputGradient(let op):
      return finish(op.epilogue, operands, conv2DInputGradient(op, operands[0], operands[1], results[0]))
    case .conv2DWeightGradient(let op):
      return conv2DWeightGradient(op, operands[0], operands[1], results)
    case .upsample: return upsample(operands[0], results[0])
    case .upsampleGradient: return upsampleGradient(operands[0], results[0])
    case .resizeNearest: return resizeNearest(operands[0], results[0])
    case .groupNorm(let op): return groupNorm(op, operands, results)
    case .groupNormApply(let op): return groupNormApply(op, operands)
    case .groupNormGradient(let op): return groupNormGradient(op, operands, results)
    case .layerNorm(let op): return layerNorm(op, operands, results)
    case .layerNormGradient: return layerNormGradient(operands, results)
    case .rmsNorm(let op): return rmsNorm(op, operands, results)
    case .rmsNormGradient: return rmsNormGradient(operands, results)
    case .softmax: return softmax(operands[0])
    case .softmaxGradient: return softmaxGradient(operands[0], operands[1])
    case .attention(let op): return attention(op, operands, results)
    case .attentionGradient(let op): return attentionGradient(op, operands, results)
    case .cachedAttention(let op): return try cachedAttention(op, operands)
    case .cacheWrite: return try cacheWrite(operands)
    case .rotary(let op): return try rotary(op, operands)
    case .embedding: return try embedding(operands, results[0])
    case .embeddingGradient(let op):
      return try embeddingGradient(op, operands[0], operands[1], results[0])
    case .l2Normalize(let op): return l2Normalize(op, operands[0])
    case .l2NormalizeGradient(let op): return l2NormalizeGradient(op, operands[0], operands[1])
    case .nearestCode: return nearestCode(operands[0], operands[1], results[0])
    case .quantize: return quantize(operands[0], operands[1], results)
    case .entropyLoss(let op): return entropyLoss(op, operands[0], operands[1], results)
    case .entropyLossGradient(let op): return entropyLossGradient(op, operands, results)
    case .crossEntropy: return try crossEntropy(operands[0], operands[1], results)
    case .crossEntropyGradient: return try crossEntropyGradient(operands)
    case .dropout(let op): return dropout(op, operands[0], operands[1])
    case .dropLabels(let op): return dropLabels(op, operands[0], operands[1])
    case .sampleToken: return try sampleToken(operands, results[0])
    case .randomIndices(let op): return randomIndices(op, operands[0], results[0])
    case .perturbCodes(let op): return perturbCodes(op, operands, results[0])
    case .randomUniform(let op): return randomUniform(op, operands[0], results[0])
    case .displaceImages(let op): return displaceImages(op, operands[0], operands[1])
    case .increment: return increment(operands[0])
    case .learningRate(let op): return learningRate(op, operands[0])
    case .schedule(let op): return schedule(op, operands[0])
    case .gradientNorm: return gradientNorm(operands)
    case .adam(let op): return adam(op, operands)
    case .adamGroup(let op): return adamGroup(op, operands)
    case .movingAverage(let op): return movingAverage(op, operands[0], operands[1])
    }
  }
}
