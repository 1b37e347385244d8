import IR
import Ops

/// Elements that share a mean: their positions in the tensor and, for each, the position of its scale and shift.
private struct NormGroup {
  var elements: [Int]
  var channels: [Int]
}

extension ReferenceInterpreter {
  /// Groups of channels of [B, ..., C], by (image, group).
  private static func channelGroups(_ shape: [Int], groups: Int) -> [NormGroup] {
    let batch = shape[0]
    let channels = shape[shape.count - 1]
    let positions = shape[1..<shape.count - 1].reduce(1, *)
    let width = channels / groups
    var result: [NormGroup] = []
    for n in 0..<batch {
      for group in 0..<groups {
        var members = NormGroup(elements: [], channels: [])
        for position in 0..<positions {
          for channel in group * width..<(group + 1) * width {
            members.elements.append((n * positions + position) * channels + channel)
            members.channels.append(channel)
          }
        }
        result.append(members)
      }
    }
    return result
  }

  /// Rows of [..., C].
  private static func rows(_ type: TensorType) -> [NormGroup] {
    let width = type.lastExtent
    return (0..<type.rowCount).map { row in
      NormGroup(elements: Array(row * width..<(row + 1) * width), channels: Array(0..<width))
    }
  }

  static func groupNorm(_ op: GroupNorm, _ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    var evaluation = normalize(
      channelGroups(operands[0].shape, groups: op.groups), operands, types,
      epsilon: Double(op.epsilon))
    if op.activation == .silu {
      evaluation.results[0].reals = evaluation.results[0].reals.map { $0 * sigmoid($0) }
    }
    return evaluation
  }

  static func groupNormApply(_ op: GroupNormApply, _ operands: [Tensor]) -> Evaluation {
    var y = operands[0]
    let (x, gamma, beta) = (operands[0].reals, operands[1].reals, operands[2].reals)
    let (means, deviations) = (operands[3].reals, operands[4].reals)
    for (index, group) in channelGroups(operands[0].shape, groups: op.groups).enumerated() {
      for (element, channel) in zip(group.elements, group.channels) {
        let value = gamma[channel] * (x[element] - means[index]) * deviations[index] + beta[channel]
        y.reals[element] = op.activation == .silu ? value * sigmoid(value) : value
      }
    }
    return Evaluation(y)
  }

  static func groupNormGradient(
    _ op: GroupNormGradient, _ operands: [Tensor], _ types: [TensorType]
  ) -> Evaluation {
    let (x, gamma, beta, mean, rstd, dy) = (
      operands[0], operands[1], operands[2], operands[3], operands[4], operands[5]
    )
    let groups = channelGroups(x.shape, groups: op.groups)
    var incoming = dy
    if op.activation == .silu {
      for (index, group) in groups.enumerated() {
        for (element, channel) in zip(group.elements, group.channels) {
          let normalized = (x.reals[element] - mean.reals[index]) * rstd.reals[index]
          incoming.reals[element] *= siluSlope(
            gamma.reals[channel] * normalized + beta.reals[channel])
        }
      }
    }
    return adding(operands.dropFirst(6).first, to: normalizeGradient(groups, x, gamma, mean, rstd, incoming, types))
  }

  static func layerNorm(_ op: LayerNorm, _ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    normalize(rows(operands[0].type), operands, types, epsilon: Double(op.epsilon))
  }

  static func layerNormGradient(_ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    adding(
      operands.dropFirst(5).first,
      to: normalizeGradient(
        rows(operands[0].type), operands[0], operands[1], operands[2], operands[3], operands[4], types))
  }

  /// The gradient that reaches x on another way, added to the first result.
  private static func adding(_ sum: Tensor?, to evaluation: Evaluation) -> Evaluation {
    guard let sum else { return evaluation }
    var evaluation = evaluation
    evaluation.results[0].reals = zip(evaluation.results[0].reals, sum.reals).map { $0 + $1 }
    return evaluation
  }

  /// gamma * (x - mean) / sqrt(variance + epsilon) + beta by group, the variance biased; also mean and 1/deviation.
  private static func normalize(
    _ groups: [NormGroup], _ operands: [Tensor], _ types: [TensorType], epsilon: Double
  ) -> Evaluation {
    let (x, gamma, beta) = (operands[0].reals, operands[1].reals, operands[2].reals)
    var y = Tensor(types[0], filledWith: 0)
    var means = Tensor(types[1], filledWith: 0)
    var deviations = Tensor(types[2], filledWith: 0)
    for (index, group) in groups.enumerated() {
      let count = Double(group.elements.count)
      let mean = group.elements.reduce(0) { $0 + x[$1] } / count
      let variance = group.elements.reduce(0) { $0 + (x[$1] - mean) * (x[$1] - mean) } / count
      let rstd = 1 / (variance + epsilon).squareRoot()
      for (element, channel) in zip(group.elements, group.channels) {
        y.reals[element] = gamma[channel] * (x[element] - mean) * rstd + beta[channel]
      }
      means.reals[index] = mean
      deviations.reals[index] = rstd
    }
    return Evaluation(y, means, deviations)
  }

  /// With u the normalized values and g = gamma * dy: dx = rstd * (g - mean(g) - u * mean(g * u)).
  private static func normalizeGradient(
    _ groups: [NormGroup], _ x: Tensor, _ gamma: Tensor, _ mean: Tensor, _ rstd: Tensor,
    _ dy: Tensor,
    _ types: [TensorType]
  ) -> Evaluation {
    var dx = Tensor(types[0], filledWith: 0)
    var dGamma = Tensor(types[1], filledWith: 0)
    var dBeta = Tensor(types[2], filledWith: 0)
    for (index, group) in groups.enumerated() {
      let count = Double(group.elements.count)
      let normalized = group.elements.map { (x.reals[$0] - mean.reals[index]) * rstd.reals[index] }
      let scaled = zip(group.elements, group.channels).map { dy.reals[$0] * gamma.reals[$1] }
      let mean1 = scaled.reduce(0, +) / count
      let mean2 = zip(scaled, normalized).reduce(0) { $0 + $1.0 * $1.1 } / count
      for (position, element) in group.elements.enumerated() {
        dx.reals[element] =
          rstd.reals[index] * (scaled[position] - mean1 - normalized[position] * mean2)
        dGamma.reals[group.channels[position]] += dy.reals[element] * normalized[position]
        dBeta.reals[group.channels[position]] += dy.reals[element]
      }
    }
    return Evaluation(dx, dGamma, dBeta)
  }

  static func rmsNorm(_ op: RMSNorm, _ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    let (x, gamma) = (operands[0].reals, operands[1].reals)
    var y = Tensor(types[0], filledWith: 0)
    var scales = Tensor(types[1], filledWith: 0)
    for (index, row) in rows(types[0]).enumerated() {
      let meanSquare = row.elements.reduce(0) { $0 + x[$1] * x[$1] } / Double(row.elements.count)
      let scale = 1 / (meanSquare + Double(op.epsilon)).squareRoot()
      for (element, channel) in zip(row.elements, row.channels) {
        y.reals[element] = gamma[channel] * x[element] * scale
      }
      scales.reals[index] = scale
    }
    return Evaluation(y, scales)
  }

  static func rmsNormGradient(_ operands: [Tensor], _ types: [TensorType]) -> Evaluation {
    let (x, gamma, scales, dy) = (
      operands[0].reals, operands[1].reals, operands[2].reals, operands[3].reals
    )
    var dx = Tensor(types[0], filledWith: 0)
    var dGamma = Tensor(types[1], filledWith: 0)
    for (index, row) in rows(types[0]).enumerated() {
      let scale = scales[index]
      let dot = zip(row.elements, row.channels).reduce(0) { $0 + dy[$1.0] * gamma[$1.1] * x[$1.0] }
      let mean = dot / Double(row.elements.count)
      for (element, channel) in zip(row.elements, row.channels) {
        dx.reals[element] =
          scale * (dy[element] * gamma[channel] - x[element] * scale * scale * mean)
        dGamma.reals[channel] += dy[element] * x[element] * scale
      }
    }
    return adding(operands.dropFirst(4).first, to: Evaluation(dx, dGamma))
  }

  static func l2Normalize(_ op: L2Normalize, _ x: Tensor) -> Evaluation {
    var y = x
    for row in rows(x.type) {
      let norm = row.elements.reduce(0) { $0 + x.reals[$1] * x.reals[$1] }.squareRoot()
      for element in row.elements {
        y.reals[element] = x.reals[element] / max(norm, Double(op.epsilon))
      }
    }
    return Evaluation(y)
  }

  static func l2NormalizeGradient(_ op: L2NormalizeGradient, _ x: Tensor, _ dy: Tensor)
    -> Evaluation
  {
    var dx = x
    for row in rows(x.type) {
      let norm = row.elements.reduce(0) { $0 + x.reals[$1] * x.reals[$1] }.squareRoot()
      let divisor = max(norm, Double(op.epsilon))
      // Below epsilon the divisor is a constant.
      let dot =
        norm > Double(op.epsilon) ? row.elements.reduce(0) { $0 + x.reals[$1] * dy.reals[$1] } : 0
      for element in row.elements {
        dx.reals[element] =
          dy.reals[element] / divisor - x.reals[element] * dot / (divisor * divisor * divisor)
      }
    }
    return Evaluation(dx)
  }
}
