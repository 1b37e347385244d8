import IR
import Ops

/// How a batch normalisation takes its statistics and keeps them.
public enum BatchStatistics: Sendable {
  /// Statistics of the batch.
  case batch
  /// Statistics of the batch, written so that its gradient can be differentiated again (gradient penalties).
  case batchTwiceDifferentiable
  /// The running statistics, as inference takes them: what is done to an image depends on no other image.
  case running

  /// Whether a symbol holds running statistics: state that training moves and inference reads.
  public static func areRunning(_ symbol: Symbol) -> Bool {
    symbol.role == .state && (symbol.name.hasSuffix(".running_mean") || symbol.name.hasSuffix(".running_variance"))
  }
}

extension GraphContext {
  /// Batch normalisation of x [..., C] over all but the last dimension, with scale and shift; epsilon 1e-5.
  ///
  /// Group normalisation of one "image" of all pixels with one group per channel is the same thing, so there is one
  /// kernel for both. Where `keepsStatistics`, `finish` moves the running mean and variance (momentum 0.1, unbiased
  /// variance), which programs with `running` statistics read.
  public func batchNorm(
    _ name: String, _ x: ValueID, statistics: BatchStatistics, keepsStatistics: Bool
  ) -> ValueID {
    let shape = builder.shape(of: x)
    let channels = builder.type(of: x).lastExtent
    let rows = builder.type(of: x).count / channels
    return builder.scoped(name) {
      let scale = builder.parameter("weight", [channels], .normalAround(mean: 1, deviation: 0.02))
      let shift = builder.parameter("bias", [channels], .zeros)
      let mean: ValueID
      let deviation: ValueID
      let y: ValueID
      switch statistics {
      case .running:
        let (mean, variance) = runningStatistics(channels)
        let slope = builder.mul(
          builder.unary(.rsqrt, builder.affine(variance, scale: 1, offset: Self.batchEpsilon)), scale)
        return builder.add(builder.mul(builder.sub(x, mean), slope), shift)
      case .batch:
        let norm = GroupNorm(groups: channels, epsilon: Self.batchEpsilon)
        let results = builder.emit(norm, [builder.reshape(x, [1, rows, channels]), scale, shift])
        (y, mean, deviation) = (results[0], results[1], results[2])
      case .batchTwiceDifferentiable:
        let flat = builder.reshape(x, [rows, channels])
        func average(_ v: ValueID) -> ValueID {
          builder.affine(builder.emitOne(ReduceSum(start: 0, end: 1), v), scale: 1 / Float(rows))
        }
        mean = average(flat)
        let centred = builder.sub(flat, mean)
        let variance = average(builder.unary(.square, centred))
        deviation = builder.unary(.rsqrt, builder.affine(variance, scale: 1, offset: Self.batchEpsilon))
        y = builder.add(builder.mul(builder.mul(centred, deviation), scale), shift)
      }
      if keepsStatistics { keep(mean, reciprocalDeviation: deviation, rows: rows, channels: channels) }
      return builder.reshape(y, shape)
    }
  }

  private static let batchEpsilon: Float = 1e-5

  /// The running mean and variance [C] of the norm in whose scope the builder stands.
  private func runningStatistics(_ channels: Int) -> (mean: ValueID, variance: ValueID) {
    let scope = builder.scope
    func running(_ name: String, _ initializer: Initializer) -> ValueID {
      builder.symbol(
        Symbol(name: "\(scope).\(name)", type: .f32(channels), role: .state, initializer: initializer))
    }
    return (running("running_mean", .zeros), running("running_variance", .ones))
  }

  /// Notes the update of the running statistics for the end of the program.
  private func keep(_ mean: ValueID, reciprocalDeviation: ValueID, rows: Int, channels: Int) {
    let (runningMean, runningVariance) = runningStatistics(channels)
    let flatMean = builder.reshape(mean, [channels])
    let inverse = builder.unary(.reciprocal, builder.unary(.square, builder.reshape(reciprocalDeviation, [channels])))
    let unbiased = Float(rows) / Float(max(1, rows - 1))
    let variance = builder.affine(inverse, scale: unbiased, offset: -Self.batchEpsilon * unbiased)
    atEnd { context in
      context.builder.emit(MovingAverage(decay: 0.9), [runningMean, flatMean])
      context.builder.emit(MovingAverage(decay: 0.9), [runningVariance, variance])
    }
  }
}
