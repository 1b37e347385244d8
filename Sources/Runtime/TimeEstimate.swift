import IR
import KernelInterface
import Ops
import Planning

/// How long a run of a plan takes on a machine, estimated before it runs: every operation takes the time of its
/// arithmetic at the share of the peak that its kind of kernel reaches, or that of its bytes, whichever is longer.
public struct TimeEstimate {
  /// What the machine can do.
  public var peak: MachinePeak

  /// An estimate for a machine.
  public init(peak: MachinePeak) { self.peak = peak }

  /// An estimate for this machine with a thread per processor, or as many as `FACET_THREADS` says.
  ///
  /// - Throws: `InstructionSetError` if `FACET_ISA` names none that the machine has.
  public static func ofThisMachine() throws(InstructionSetError) -> TimeEstimate {
    TimeEstimate(peak: MachinePeak(pool: ThreadPool(), kernels: try KernelSelection()))
  }

  /// Seconds of one run.
  public func seconds(_ plan: Plan) -> Double {
    var sum = 0.0
    for (operation, isView) in zip(plan.program.operations, plan.isView) where !isView {
      sum += seconds(operation, in: plan.program)
    }
    return sum
  }

  private func seconds(_ operation: Operation, in program: Program) -> Double {
    let cost = operation.cost(in: program)
    let types = program.types(of: operation.operands + operation.results)
    // What was written a moment ago is read from a cache; the largest operand stands for how long ago it was.
    let isCached = (types.map(\.byteCount).max() ?? 0) <= Self.cachedByteCount
    let bandwidth = peak.readBytes * (isCached ? Self.cacheGain : Self.streamShare)
    let arithmetic = arithmetic(operation, in: program, flops: Double(cost.flops))
    return max(arithmetic / peak.flops, Double(cost.bytes) / bandwidth) + Self.callSeconds
  }

  /// Floating-point operations at the peak that take as long as the operation's arithmetic.
  private func arithmetic(_ operation: Operation, in program: Program, flops: Double) -> Double {
    if let op = operation.op as? any ConvolutionOp {
      return convolution(ConvolutionPlan(op, of: operation, in: program), flops)
    }
    switch operation.opCase {
    case .matmul(let op): return flops / (op.precision == .strict ? Self.strictShare : Self.productShare)
    case .linear(let op): return flops / (op.precision == .strict ? Self.strictShare : Self.productShare)
    case .attention, .attentionGradient: return flops / Self.attentionShare
    case .nearestCode, .quantize: return flops / Self.searchShare
    case .entropyLoss, .entropyLossGradient: return flops / Self.entropyShare
    default: return flops / Self.elementwiseShare
    }
  }

  private func convolution(_ plan: ConvolutionPlan, _ flops: Double) -> Double {
    if let multiplyAdds = plan.winogradMultiplyAdds { return 2 * Double(multiplyAdds) / Self.winogradShare }
    if plan.precision == .strict { return flops / Self.strictShare }
    // Three channels fill only part of a vector.
    return flops / (min(plan.inputChannels, plan.outputChannels) < 16 ? Self.fewChannelsShare : Self.productShare)
  }

  // Shares of the measured peak that kernels reached on the shipped specs (`facet bench` prints them), rounded.
  private static let productShare = 0.85
  private static let strictShare = 0.4
  private static let winogradShare = 0.5
  private static let fewChannelsShare = 0.35
  private static let attentionShare = 0.3
  private static let searchShare = 0.5
  private static let entropyShare = 0.2
  private static let elementwiseShare = 0.1
  private static let streamShare = 0.85
  private static let cacheGain = 2.0
  private static let cachedByteCount = 1 << 20
  private static let callSeconds = 1e-6
}
