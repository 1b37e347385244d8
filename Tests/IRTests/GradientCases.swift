import IR
import Ops
import TestSupport

/// One differentiable op on operands of given types; the rule is checked for every f32 operand.
struct GradientCase {
  var op: any FacetOp
  var operands: [TensorType]
  /// Where the elements of some operands lie; `signed` otherwise.
  var ranges: [Int: ElementRange] = [:]
  /// Contents of some operands.
  var given: [Int: Tensor] = [:]
  /// Operands that the op refuses to differentiate.
  var refused: Set<Int> = []
  /// Operands whose derivative is zero wherever it exists.
  var unchecked: Set<Int> = []

  init(
    _ op: any FacetOp, _ operands: TensorType..., ranges: [Int: ElementRange] = [:],
    given: [Int: Tensor] = [:],
    refused: Set<Int> = [], unchecked: Set<Int> = []
  ) {
    self.op = op
    self.operands = operands
    self.ranges = ranges
    self.given = given
    self.refused = refused
    self.unchecked = unchecked
  }

  var description: String {
    "\(op.mnemonic)(\(operands.map(\.description).joined(separator: ", "))) \(op.attributeText)"
  }

  /// All operands that are differentiated.
  var targets: [Int] {
    operands.indices.filter { operands[$0].dtype == .f32 && !refused.contains($0) && !unchecked.contains($0) }
  }
}

extension GradientCase {
  static let all = elementwise + shaping + matrix + convolution + norms + sequences + codebooks

  static let elementwise: [GradientCase] =
    UnaryFunction.allCases.map { function in
      let range: ElementRange
      switch function {
      case .sqrt, .rsqrt, .log: range = .positive
      case .absolute, .relu, .reciprocal: range = .awayFromZero
      case .negate, .square, .exp, .sigmoid, .tanh, .silu, .gelu: range = .between(-3, 3)
      }
      return GradientCase(Unary(function), .f32(3, 5), ranges: [0: range])
    }
    + [BinaryFunction.add, .subtract, .multiply, .divide].flatMap { function in
      [
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(2, 3, 5), ranges: [1: .awayFromZero]),
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(3, 5), ranges: [1: .awayFromZero]),
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(5), ranges: [1: .awayFromZero]),
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(), ranges: [1: .awayFromZero]),
        GradientCase(Binary(function), .f32(), .f32(), ranges: [1: .awayFromZero]),
      ]
    }
    + [BinaryFunction.minimum, .maximum].flatMap { function in
      [
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(2, 3, 5)),
        GradientCase(Binary(function), .f32(2, 3, 5), .f32(5)),
        GradientCase(Binary(function), .f32(2, 3, 5), .f32()),
      ]
    }
    + [
      GradientCase(Binary(.reluGradient), .f32(3, 5), .f32(3, 5), ranges: [0: .awayFromZero], unchecked: [0]),
      GradientCase(Affine(scale: -1.5, offset: 0.25), .f32(3, 5)),
      GradientCase(
        Dropout(rate: 0.4, stream: 5), .f32(3, 7), .i32(2), ranges: [1: .integers(1..<9)]),
      GradientCase(
        DisplaceImages(shift: 2, hole: 2, stream: 5), .f32(3, 5, 4, 2), .i32(2), ranges: [1: .integers(1..<9)]),
      GradientCase(
        DisplaceImages(shift: 1, hole: 3, first: 2, stream: 5, inverse: true), .f32(2, 4, 5, 1), .i32(2),
        ranges: [1: .integers(1..<9)]),
      GradientCase(
        DisplaceImages(shift: 3, hole: 0, stream: 6), .f32(2, 4, 4, 1), .i32(2), ranges: [1: .integers(1..<9)]),
    ]

  static let shaping: [GradientCase] = [
    GradientCase(Reshape([5, 3, 2]), .f32(3, 10)),
    GradientCase(Reshape([]), .f32(1, 1)),
    GradientCase(Transpose([1, 0]), .f32(3, 5)),
    GradientCase(Transpose([2, 0, 1]), .f32(2, 3, 5)),
    GradientCase(Transpose([3, 1, 4, 0, 2]), .f32(2, 3, 1, 2, 3)),
    GradientCase(Concat(axis: 0), .f32(2, 3), .f32(1, 3)),
    GradientCase(Concat(axis: 1), .f32(2, 1, 3), .f32(2, 4, 3), .f32(2, 2, 3)),
    GradientCase(Concat(axis: 0), .f32(3)),
    GradientCase(Slice(axis: 1, start: 1, end: 3), .f32(2, 5, 3)),
    GradientCase(Slice(axis: 2, start: 0, end: 1), .f32(2, 5, 3)),
    GradientCase(Slice(axis: 0, start: 1, end: 2), .f32(2, 5)),
    GradientCase(Pad(axis: 0, before: 0, after: 2), .f32(2, 3)),
    GradientCase(Pad(axis: 1, before: 3, after: 1), .f32(2, 3, 2)),
    GradientCase(ReduceSum(start: 0, end: 3), .f32(2, 3, 5)),
    GradientCase(ReduceSum(start: 0, end: 1), .f32(2, 3, 5)),
    GradientCase(ReduceSum(start: 1, end: 2), .f32(2, 3, 5)),
    GradientCase(ReduceSum(start: 1, end: 3), .f32(2, 3, 5)),
    GradientCase(Broadcast(at: 0, extents: [3]), .f32()),
    GradientCase(Broadcast(at: 0, extents: [3, 2]), .f32(5)),
    GradientCase(Broadcast(at: 1, extents: [3]), .f32(2, 5)),
    GradientCase(Broadcast(at: 2, extents: [2, 1]), .f32(2, 5)),
  ]

  static let matrix: [GradientCase] =
    [(false, false), (false, true), (true, false), (true, true)].flatMap { transposeA, transposeB in
      [[], [2], [2, 3]].map { (batch: [Int]) in
        let a = TensorType(.f32, batch + (transposeA ? [5, 3] : [3, 5]))
        let b = TensorType(.f32, batch + (transposeB ? [2, 5] : [5, 2]))
        return GradientCase(MatMul(transposeA: transposeA, transposeB: transposeB), a, b)
      }
    }
    + [
      GradientCase(Linear(), .f32(5), .f32(3, 5)),
      GradientCase(Linear(), .f32(5), .f32(3, 5), .f32(3)),
      GradientCase(Linear(), .f32(2, 5), .f32(3, 5), .f32(3)),
      GradientCase(Linear(), .f32(2, 3, 5), .f32(1, 5), .f32(1)),
      GradientCase(Linear(), .f32(2, 3, 2, 5), .f32(4, 5)),
    ]

  static let convolution: [GradientCase] = [
    GradientCase(Conv2D(padding: Padding(all: 1)), .f32(2, 5, 3, 2), .f32(3, 3, 3, 2), .f32(3)),
    GradientCase(Conv2D(padding: Padding(all: 0)), .f32(2, 3, 4, 3), .f32(2, 1, 1, 3)),
    GradientCase(
      Conv2D(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1)), .f32(1, 6, 5, 2),
      .f32(3, 3, 3, 2),
      .f32(3)),
    GradientCase(Conv2D(stride: 2, padding: Padding(all: 1)), .f32(1, 7, 6, 1), .f32(2, 4, 4, 1)),
    GradientCase(
      Conv2D(stride: 3, padding: Padding(top: 2, left: 0, bottom: 0, right: 1)), .f32(2, 5, 7, 1),
      .f32(1, 2, 3, 1),
      .f32(1)),
    GradientCase(Conv2D(stride: 3, padding: Padding(all: 0)), .f32(1, 8, 8, 2), .f32(2, 2, 2, 2)),
    GradientCase(
      Conv2DInputGradient(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1), size: [6, 5]),
      .f32(1, 3, 2, 3), .f32(3, 3, 3, 2)),
    GradientCase(
      Conv2DInputGradient(stride: 1, padding: Padding(all: 1), size: [5, 4]), .f32(2, 4, 3, 2), .f32(2, 4, 4, 1)),
    GradientCase(
      Conv2DWeightGradient(stride: 2, padding: Padding(top: 0, left: 0, bottom: 1, right: 1), kernel: [3, 3]),
      .f32(1, 6, 5, 2), .f32(1, 3, 2, 3)),
    GradientCase(
      Conv2DWeightGradient(stride: 1, padding: Padding(all: 1), kernel: [4, 4]), .f32(2, 5, 4, 1), .f32(2, 4, 3, 2)),
    GradientCase(
      Conv2D(padding: Padding(all: 1), upsample: true), .f32(2, 3, 2, 2), .f32(3, 3, 3, 2), .f32(3)),
    GradientCase(
      Conv2D(padding: Padding(top: 2, left: 0, bottom: 1, right: 0), upsample: true), .f32(1, 2, 3, 1),
      .f32(2, 2, 4, 1)),
    GradientCase(
      Conv2DInputGradient(stride: 1, padding: Padding(all: 1), size: [2, 3], upsample: true), .f32(2, 4, 6, 3),
      .f32(3, 3, 3, 2)),
    GradientCase(
      Conv2DWeightGradient(
        stride: 1, padding: Padding(top: 0, left: 1, bottom: 2, right: 0), kernel: [3, 2], upsample: true),
      .f32(2, 2, 3, 1), .f32(2, 4, 6, 2)),
    GradientCase(Upsample(), .f32(2, 3, 1, 3)),
    GradientCase(UpsampleGradient(), .f32(1, 4, 6, 3)),
  ]

  static let norms: [GradientCase] =
    [NormActivation.none, .silu].flatMap { activation in
      [
        GradientCase(
          GroupNorm(groups: 2, activation: activation), .f32(2, 3, 5, 6), .f32(6), .f32(6)),
        GradientCase(
          GroupNorm(groups: 1, epsilon: 0.1, activation: activation), .f32(1, 7, 3), .f32(3),
          .f32(3)),
        GradientCase(GroupNorm(groups: 3, activation: activation), .f32(3, 4, 3), .f32(3), .f32(3)),
        GradientCase(GroupNorm(groups: 1, activation: activation), .f32(2, 5), .f32(5), .f32(5)),
      ]
    }
    + [
      GradientCase(LayerNorm(), .f32(2, 3, 5), .f32(5), .f32(5)),
      GradientCase(LayerNorm(epsilon: 0.1), .f32(7), .f32(7), .f32(7)),
      GradientCase(RMSNorm(), .f32(2, 3, 5), .f32(5)),
      GradientCase(RMSNorm(epsilon: 0.1), .f32(7), .f32(7)),
      GradientCase(L2Normalize(), .f32(2, 3, 5)),
      GradientCase(L2Normalize(), .f32(3)),
      // Every norm is below epsilon, which is then the divisor.
      GradientCase(L2Normalize(epsilon: 8), .f32(3, 5)),
      GradientCase(Softmax(), .f32(2, 3, 5), ranges: [0: .between(-3, 3)]),
      GradientCase(Softmax(), .f32(4)),
    ]

  static let sequences: [GradientCase] = [
    GradientCase(
      Attention(scale: 0.7, causal: false), .f32(2, 3, 2, 5), .f32(2, 3, 2, 5), .f32(2, 3, 2, 5)),
    GradientCase(
      Attention(scale: 1.3, causal: false), .f32(1, 3, 1, 2), .f32(1, 5, 1, 2), .f32(1, 5, 1, 2)),
    GradientCase(
      Attention(scale: 1.3, causal: false), .f32(1, 5, 1, 2), .f32(1, 3, 1, 2), .f32(1, 3, 1, 2)),
    GradientCase(
      Attention(scale: 0.7, causal: true), .f32(2, 5, 3, 2), .f32(2, 5, 3, 2), .f32(2, 5, 3, 2)),
    GradientCase(
      Attention(scale: 0.7, causal: true), .f32(1, 3, 2, 4), .f32(1, 7, 2, 4), .f32(1, 7, 2, 4)),
    GradientCase(Attention(scale: 0.7, causal: false), .f32(2, 3, 3, 2, 5)),
    GradientCase(Attention(scale: 0.7, causal: true), .f32(1, 4, 3, 3, 2)),
    GradientCase(Rotary(), .f32(2, 3, 2, 6), .f32(5, 3, 2), refused: [1]),
    GradientCase(Rotary(inverse: true), .f32(2, 3, 2, 6), .f32(3, 3, 2), refused: [1]),
    GradientCase(Rotary(), .f32(2, 3, 3, 2, 4), .f32(5, 2, 2), refused: [1]),
    GradientCase(
      Rotary(), .f32(1, 2, 3, 4), .f32(5, 2, 2), .i32(), given: [2: .scalar(integer: 3)],
      refused: [1]),
  ]

  static let codebooks: [GradientCase] = [
    GradientCase(Embedding(), .f32(4, 3), .i32(2, 5), ranges: [1: .integers(0..<4)]),
    GradientCase(Embedding(), .f32(4, 3), .i32(), given: [1: .scalar(integer: 2)]),
    GradientCase(EmbeddingGradient(rows: 4), .i32(7), .f32(7, 3), ranges: [0: .integers(0..<4)]),
    GradientCase(EntropyLoss(temperature: 0.5), .f32(7, 3), .f32(5, 3)),
    GradientCase(EntropyLoss(temperature: 0.1), .f32(3, 2), .f32(9, 2)),
    GradientCase(EntropyLoss(temperature: 2), .f32(4, 5), .f32(3, 5)),
    GradientCase(
      CrossEntropy(), .f32(5, 7), .i32(5), ranges: [0: .between(-3, 3), 1: .integers(0..<7)]),
    GradientCase(CrossEntropy(), .f32(1, 2), .i32(1)),
  ]
}
