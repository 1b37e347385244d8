/// What a probe of the machine does.
public enum ProbeKind: Int32, Sendable, BitwiseCopyable {
  /// Independent chains of vector multiply-adds in registers.
  case multiplyAdd
  /// Reads of the source, summed.
  case read
}

/// A probe of the machine's peaks: arithmetic that never leaves the registers, or reads that do nothing else.
public struct ProbeArguments: KernelArguments, @unchecked Sendable {
  /// What to do.
  public var kind: ProbeKind
  /// Read by `.read`.
  public var source: FloatInput
  /// One element per unit, so that the work has a result.
  public var sink: FloatOutput
  /// Rounds of multiply-adds of a unit, or elements that a unit reads.
  public var count: Int
  /// Units.
  public var unitCount: Int

  /// Multiply-add chains of a round: enough to hide the latency of two units.
  public static let chains = 12

  /// Arguments of one probe.
  public init(kind: ProbeKind, source: FloatInput, sink: FloatOutput, count: Int, unitCount: Int) {
    self.kind = kind
    self.source = source
    self.sink = sink
    self.count = count
    self.unitCount = unitCount
  }
}

/// Kernels that measure the machine rather than compute something.
public protocol ProbeKernels {
  /// Elements of a vector register.
  static var vectorWidth: Int { get }
  /// Runs a probe.
  static func probe(_ a: ProbeArguments, _ units: Range<Int>)
}
