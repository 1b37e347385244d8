import IR
import Ops
import Passes

/// One op at a size that shipped specs use.
public struct OperationCase: Sendable {
  /// Name in tables, op first.
  public var name: String
  /// The program of that single operation; weights are symbols, everything else inputs.
  public var program: Program
  /// How the weights are stored when it is timed.
  public var weights = WeightStorage.f32
  /// Bound of integer inputs.
  public var integerBound = 1

  init(
    _ name: String, bound: Int = 1, _ op: any Op, _ operands: [(type: TensorType, isWeight: Bool)]
  ) {
    self.name = name
    integerBound = bound
    let builder = ProgramBuilder(name: name)
    let values = operands.enumerated().map { index, operand in
      operand.isWeight
        ? builder.parameter("\(name).\(index)", operand.type.shape, .uniform(bound: 1))
        : builder.input("\(index)", operand.type)
    }
    for (index, result) in builder.emit(op, values).enumerated() { builder.output("\(index)", result) }
    program = builder.program
  }

  private static func x(_ shape: Int...) -> (type: TensorType, isWeight: Bool) { (TensorType(.f32, shape), false) }
  private static func w(_ shape: Int...) -> (type: TensorType, isWeight: Bool) { (TensorType(.f32, shape), true) }
  private static func i(_ shape: Int...) -> (type: TensorType, isWeight: Bool) { (TensorType(.i32, shape), false) }

  /// The ops that take the time of the shipped specs, at their sizes.
  public static var all: [OperationCase] { products + convolutions + attentions + norms + codebooks + decoding }

  private static var products: [OperationCase] {
    [
      OperationCase("matmul 1024^3", MatMul(), [x(1024, 1024), x(1024, 1024)]),
      OperationCase("matmul 1024^3 A^T B", MatMul(transposeA: true), [x(1024, 1024), x(1024, 1024)]),
      OperationCase("linear 4096x1152 -> 128", Linear(), [x(4096, 1152), w(128, 1152)]),
      OperationCase("linear 512x256 -> 1024", Linear(), [x(512, 256), w(1024, 256)]),
      OperationCase("linear 256x512 -> 2048", Linear(), [x(256, 512), w(2048, 512)]),
      OperationCase("linear 1024x384 -> 1024", Linear(), [x(1024, 384), w(1024, 384)]),
      OperationCase("linear weight gradient 512x1024x256", MatMul(transposeA: true), [x(512, 1024), x(512, 256)]),
      OperationCase("matmul 32 x 256x64x256", MatMul(transposeB: true), [x(32, 256, 64), x(32, 256, 64)]),
    ]
  }

  private static func convolution(_ b: Int, _ size: Int, _ cin: Int, _ cout: Int, stride: Int = 1) -> [OperationCase] {
    let padding = stride == 1 ? Padding(all: 1) : Padding(top: 0, left: 0, bottom: 1, right: 1)
    let out = size / stride
    let name = "\(b)x\(size)x\(size)x\(cin) -> \(cout)\(stride > 1 ? " stride \(stride)" : "")"
    return [
      OperationCase(
        "conv2d \(name)", Conv2D(stride: stride, padding: padding), [x(b, size, size, cin), w(cout, 3, 3, cin)]),
      OperationCase(
        "conv2d input gradient \(name)", Conv2DInputGradient(stride: stride, padding: padding, size: [size, size]),
        [x(b, out, out, cout), w(cout, 3, 3, cin)]),
      OperationCase(
        "conv2d weight gradient \(name)", Conv2DWeightGradient(stride: stride, padding: padding, kernel: [3, 3]),
        [x(b, size, size, cin), x(b, out, out, cout)]),
    ]
  }

  private static var convolutions: [OperationCase] {
    convolution(8, 64, 64, 64) + convolution(8, 32, 128, 128) + convolution(8, 8, 256, 256)
      + convolution(8, 64, 64, 64, stride: 2) + convolution(8, 64, 3, 64) + convolution(8, 64, 64, 3)
      + Array(convolution(1, 256, 128, 128).prefix(1)) + Array(convolution(1, 16, 512, 512).prefix(1))
  }

  private static var attentions: [OperationCase] {
    func cases(_ b: Int, _ t: Int, _ h: Int, _ d: Int, causal: Bool) -> [OperationCase] {
      let name = "\(b)x\(t)x\(h)x\(d)\(causal ? " causal" : "")"
      let scale = 1 / Float(d).squareRoot()
      let q = x(b, t, h, d)
      return [
        OperationCase("attention \(name)", Attention(scale: scale, causal: causal), [q, q, q]),
        OperationCase(
          "attention gradient \(name)", AttentionGradient(scale: scale, causal: causal),
          [q, q, q, q, x(b, h, t), q]),
      ]
    }
    return cases(8, 64, 4, 64, causal: false) + cases(1, 256, 8, 64, causal: false)
      + cases(1, 256, 1, 512, causal: false) + cases(16, 64, 6, 64, causal: true)
  }

  private static var norms: [OperationCase] {
    [
      OperationCase(
        "group_norm silu 8x64x64x64", GroupNorm(groups: 32, activation: .silu), [x(8, 64, 64, 64), w(64), w(64)]),
      OperationCase(
        "group_norm silu gradient 8x64x64x64", GroupNormGradient(groups: 32, activation: .silu),
        [x(8, 64, 64, 64), w(64), w(64), x(8, 32), x(8, 32), x(8, 64, 64, 64)]),
      OperationCase(
        "group_norm silu 1x256x256x128", GroupNorm(groups: 32, activation: .silu),
        [x(1, 256, 256, 128), w(128), w(128)]),
      OperationCase("layer_norm 512x256", LayerNorm(), [x(512, 256), w(256), w(256)]),
      OperationCase("silu 2M", Unary(.silu), [x(1 << 21)]),
      OperationCase("gelu 2M", Unary(.gelu), [x(1 << 21)]),
      OperationCase("add 2M", Binary(.add), [x(1 << 21), x(1 << 21)]),
      OperationCase("softmax 1024x1024", Softmax(), [x(1024, 1024)]),
      OperationCase("cross_entropy 1024x16384", bound: 16384, CrossEntropy(), [x(1024, 16384), i(1024)]),
    ]
  }

  private static var codebooks: [OperationCase] {
    let sizes = [1024, 16384, 32768, 262_144, 1_048_576]
    return sizes.map {
      OperationCase("nearest_code 256 x \($0) x 8", NearestCode(), [x(256, 8), w($0, 8)])
    } + [
      OperationCase("entropy_loss 512 x 1024 x 8", EntropyLoss(temperature: 0.01), [x(512, 8), w(1024, 8)]),
      OperationCase("entropy_loss 256 x 16384 x 8", EntropyLoss(temperature: 0.01), [x(256, 8), w(16384, 8)]),
      OperationCase(
        "entropy_loss gradient 256 x 16384 x 8", EntropyLossGradient(temperature: 0.01),
        [x(256, 8), w(16384, 8), x(16384), x(256), x()]),
    ]
  }

  private static var decoding: [OperationCase] {
    [
      OperationCase("linear 1x1024 -> 16384", Linear(), [x(1, 1024), w(16384, 1024)]),
      OperationCase("linear 2x1024 -> 16384", Linear(), [x(2, 1024), w(16384, 1024)]),
      OperationCase("linear 8x1024 -> 16384", Linear(), [x(8, 1024), w(16384, 1024)]),
      OperationCase("linear 2x2816 -> 1024", Linear(), [x(2, 2816), w(1024, 2816)]),
      OperationCase(
        "cached_attention 2x256x16x64", bound: 256, CachedAttention(scale: 0.125),
        [x(2, 1, 16, 64), x(2, 256, 16, 64), x(2, 256, 16, 64), i()]),
      OperationCase(
        "sample_token 1x16384", bound: 256, SampleToken(stream: 1), [x(1, 16384), x(3), i(2), i()]),
    ] + narrow(2, 1024, 16384) + narrow(2, 1024, 3072) + narrow(8, 1024, 16384)
  }

  /// A linear layer with its weights stored in fewer bits.
  private static func narrow(_ m: Int, _ k: Int, _ n: Int) -> [OperationCase] {
    [WeightStorage.bf16, .int8].map { storage in
      var result = OperationCase("linear \(storage.rawValue) \(m)x\(k) -> \(n)", Linear(), [x(m, k), w(n, k)])
      result.weights = storage
      return result
    }
  }
}
