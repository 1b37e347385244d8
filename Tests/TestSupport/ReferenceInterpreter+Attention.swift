import Foundation
import IR
import Ops

extension ReferenceInterpreter {
  /// scale * q_t . k_s for the keys that query t sees, for one image and head.
  private static func logits(
    _ q: Tensor, _ k: Tensor, _ place: (n: Int, h: Int, t: Int), visible: Int, scale: Double
  ) -> [Double] {
    let (queries, heads, width, keys) = (q.shape[1], q.shape[2], q.shape[3], k.shape[1])
    let query = ((place.n * queries + place.t) * heads + place.h) * width
    return (0..<visible).map { s in
      let key = ((place.n * keys + s) * heads + place.h) * width
      return scale * (0..<width).reduce(0) { $0 + q.reals[query + $1] * k.reals[key + $1] }
    }
  }

  static func attention(_ op: Attention, _ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    let parts = operands.count == 1 ? split(operands[0]) : operands
    let (q, k, v) = (parts[0], parts[1], parts[2])
    let (queries, heads, width, keys) = (q.shape[1], q.shape[2], q.shape[3], k.shape[1])
    var o = Tensor(types[0], filledWith: 0)
    var totals = Tensor(types[1], filledWith: 0)
    for n in 0..<q.shape[0] {
      for h in 0..<heads {
        for t in 0..<queries {
          let visible = op.causal ? t + keys - queries + 1 : keys
          let row = logits(q, k, (n, h, t), visible: visible, scale: Double(op.scale))
          let total = logSumExp(row)
          totals.reals[(n * heads + h) * queries + t] = total
          for (s, logit) in row.enumerated() {
            let probability = exp(logit - total)
            for d in 0..<width {
              o.reals[((n * queries + t) * heads + h) * width + d] +=
                probability * v.reals[((n * keys + s) * heads + h) * width + d]
            }
          }
        }
      }
    }
    return Evaluation(o, totals)
  }

  /// q, k and v of a joint operand [B, T, 3, H, D].
  private static func split(_ joint: Tensor) -> [Tensor] {
    let s = joint.shape
    let part = s[3] * s[4]
    return (0..<3).map { index in
      var tensor = Tensor(.f32(s[0], s[1], s[3], s[4]), filledWith: 0)
      for i in tensor.reals.indices { tensor.reals[i] = joint.reals[(i / part * 3 + index) * part + i % part] }
      return tensor
    }
  }

  static func attentionGradient(
    _ op: AttentionGradient, _ operands: [Tensor], _ types: [TensorType]
  ) -> Evaluation {
    if operands.count == 4 {
      let parts = split(operands[0])
      let gradients = attentionGradient(op, parts + operands.dropFirst(), parts.map(\.type)).results
      let part = parts[0].shape[2] * parts[0].shape[3]
      var joint = Tensor(types[0], filledWith: 0)
      for i in joint.reals.indices {
        joint.reals[i] = gradients[i / part % 3].reals[i / (3 * part) * part + i % part]
      }
      return Evaluation(joint)
    }
    let (q, k, v, o, totals, dO) = (
      operands[0], operands[1], operands[2], operands[3], operands[4], operands[5]
    )
    let (queries, heads, width, keys) = (q.shape[1], q.shape[2], q.shape[3], k.shape[1])
    let scale = Double(op.scale)
    var dq = Tensor(types[0], filledWith: 0)
    var dk = Tensor(types[1], filledWith: 0)
    var dv = Tensor(types[2], filledWith: 0)
    for n in 0..<q.shape[0] {
      for h in 0..<heads {
        for t in 0..<queries {
          let query = ((n * queries + t) * heads + h) * width
          let visible = op.causal ? t + keys - queries + 1 : keys
          let total = totals.reals[(n * heads + h) * queries + t]
          let delta = (0..<width).reduce(0) { $0 + o.reals[query + $1] * dO.reals[query + $1] }
          for (s, logit) in logits(q, k, (n, h, t), visible: visible, scale: scale).enumerated() {
            let key = ((n * keys + s) * heads + h) * width
            let probability = exp(logit - total)
            let dProbability = (0..<width).reduce(0) {
              $0 + dO.reals[query + $1] * v.reals[key + $1]
            }
            let dLogit = probability * (dProbability - delta)
            for d in 0..<width {
              dq.reals[query + d] += scale * dLogit * k.reals[key + d]
              dk.reals[key + d] += scale * dLogit * q.reals[query + d]
              dv.reals[key + d] += probability * dO.reals[query + d]
            }
          }
        }
      }
    }
    return Evaluation(dq, dk, dv)
  }

  static func cachedAttention(_ op: CachedAttention, _ operands: [Tensor]) throws(ReferenceError)
    -> Evaluation
  {
    let (q, k, v) = (operands[0], operands[1], operands[2])
    let visible = try position(operands[3], limit: k.shape[1]) + 1
    // The filled part of the cache is an ordinary sequence of keys, all of them visible.
    func filled(_ cache: Tensor) -> Tensor {
      let slice = Slice(axis: 1, start: 0, end: visible)
      let type = TensorType.f32(cache.shape[0], visible, cache.shape[2], cache.shape[3])
      return Self.slice(slice, cache, type).results[0]
    }
    let types = [q.type, .f32(q.shape[0], q.shape[2], 1)]
    let dense = attention(
      Attention(scale: op.scale, causal: false), [q, filled(k), filled(v)], types)
    return Evaluation(dense.results[0])
  }

  static func cacheWrite(_ operands: [Tensor]) throws(ReferenceError) -> Evaluation {
    var cache = operands[0]
    let row = cache.shape[2] * cache.shape[3]
    let position = try position(operands[2], limit: cache.shape[1])
    for n in 0..<cache.shape[0] {
      for index in 0..<row {
        cache.reals[(n * cache.shape[1] + position) * row + index] =
          operands[1].reals[n * row + index]
      }
    }
    return Evaluation(updates: [0: cache])
  }

  static func rotary(_ op: Rotary, _ operands: [Tensor]) throws(ReferenceError) -> Evaluation {
    let (x, table) = (operands[0], operands[1])
    let (length, row) = (x.shape[1], x.shape.dropFirst(2).reduce(1, *))
    let depth = x.shape[x.shape.count - 1]
    let turned = x.shape.count == 5 ? row / 3 * 2 : row
    let start =
      operands.count == 3 ? try position(operands[2], limit: table.shape[0] - length + 1) : 0
    var y = x
    for index in stride(from: 0, to: x.reals.count, by: 2) where index % row < turned {
      let angle = (start + index / row % length) * depth + index % row % depth
      let cosine = table.reals[angle]
      let sine = op.inverse ? -table.reals[angle + 1] : table.reals[angle + 1]
      let (a, b) = (x.reals[index], x.reals[index + 1])
      y.reals[index] = a * cosine - b * sine
      y.reals[index + 1] = b * cosine + a * sine
    }
    return Evaluation(y)
  }

  private static func position(_ tensor: Tensor, limit: Int) throws(ReferenceError) -> Int {
    let position = tensor.integers[0]
    guard position >= 0 && position < limit else {
      throw ReferenceError("position \(position) is not in 0..<\(limit)")
    }
    return position
  }
}
