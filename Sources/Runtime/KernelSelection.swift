import CProcessor
import Foundation
import KernelInterface
import KernelsBaseline

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#endif

/// An instruction set that kernels are built for.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// What every processor of the architecture has (x86-64-v2, or arm64 with NEON).
  case baseline
  /// x86-64-v3: AVX2 and FMA.
  case avx2
  /// x86-64-v4: AVX-512.
  case avx512
}

/// An instruction set that this machine or build does not have.
public struct InstructionSetError: Error, CustomStringConvertible {
  /// What was asked for and what there is.
  public var description: String
}

/// The kernels that programs run on.
public struct KernelSelection: Sendable {
  /// The chosen set.
  public let instructionSet: InstructionSet
  /// Its kernels.
  public let kernels: any KernelSet.Type

  /// The sets that this processor and build have, narrowest first.
  public static var available: [InstructionSet] {
    #if arch(x86_64)
      return [.baseline] + (facet_has_avx2() != 0 ? [.avx2] : []) + (facet_has_avx512() != 0 ? [.avx512] : [])
    #else
      return [.baseline]
    #endif
  }

  /// The widest set, or the one named by `FACET_ISA`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(InstructionSetError) {
    guard let name = environment["FACET_ISA"] else {
      self.init(Self.available.last ?? .baseline)
      return
    }
    let choices = Self.available.map(\.rawValue).joined(separator: ", ")
    guard let wanted = InstructionSet(rawValue: name), Self.available.contains(wanted) else {
      throw InstructionSetError(description: "FACET_ISA=\(name): this machine has \(choices)")
    }
    self.init(wanted)
  }

  /// The kernels of a set that is available.
  public init(_ instructionSet: InstructionSet) {
    self.instructionSet = instructionSet
    #if arch(x86_64)
      switch instructionSet {
      case .baseline: kernels = KernelsBaseline.Kernels.self
      case .avx2: kernels = KernelsAVX2.Kernels.self
      case .avx512: kernels = KernelsAVX512.Kernels.self
      }
    #else
      kernels = KernelsBaseline.Kernels.self
    #endif
  }
}
