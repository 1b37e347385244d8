/// Arguments of one kernel call: plain pointers and sizes, nothing counted or owned.
///
/// A kernel's work is divided into units that do not depend on each other or on the number of threads; the runtime
/// hands contiguous ranges of units to threads. A unit computes its outputs in a fixed order, so results are the same
/// bit for bit however units are divided.
public protocol KernelArguments: BitwiseCopyable, Sendable {
  /// Number of independent units of work.
  var unitCount: Int { get }
  /// Bytes of scratch that one thread needs.
  var scratchByteCount: Int { get }
}

extension KernelArguments {
  /// Most kernels need no scratch.
  public var scratchByteCount: Int { 0 }
}

/// Input elements of type f32.
public typealias FloatInput = UnsafePointer<Float>
/// Output elements of type f32.
public typealias FloatOutput = UnsafeMutablePointer<Float>
/// Input elements of type i32.
public typealias IndexInput = UnsafePointer<Int32>
/// Output elements of type i32.
public typealias IndexOutput = UnsafeMutablePointer<Int32>

/// Helpers for dividing work.
public enum Partition {
  /// Elements of one unit of an elementwise kernel: 64 KiB of f32.
  public static let elementwise = 16384

  /// Quotient rounded up.
  @inlinable public static func ceil(_ value: Int, _ divisor: Int) -> Int { (value + divisor - 1) / divisor }

  /// The smallest multiple of `step` that is not below `value`.
  @inlinable public static func roundUp(_ value: Int, _ step: Int) -> Int { ceil(value, step) * step }

  /// Rows per unit so that a unit holds about `Partition.elementwise` elements.
  @inlinable public static func rows(width: Int) -> Int { max(1, elementwise / max(1, width)) }
}
