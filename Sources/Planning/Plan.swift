import IR
import Ops

/// Where the bytes of a value or of a view's owner are.
public enum Storage: Hashable, Sendable {
  /// In the arena of a run, from this offset in bytes, a multiple of `Plan.alignment`.
  case arena(Int)
  /// In the storage of the symbol at this position of `Program.symbols`.
  case symbol(Int)
}

/// The place of one value: a view lies `byteOffset` bytes inside the storage of its owner, everything else at 0.
public struct Location: Hashable, Sendable {
  /// The storage of the owner.
  public var storage: Storage
  /// Distance from the start of that storage in bytes, a multiple of `Plan.alignment`.
  public var byteOffset: Int

  /// A place inside a storage.
  public init(storage: Storage, byteOffset: Int = 0) {
    self.storage = storage
    self.byteOffset = byteOffset
  }
}

/// An executable program: operations in order, and a fixed place for every value, so that a run allocates nothing.
///
/// Inputs are written by the host before the first operation; their bytes may be reused after their last use. Outputs
/// hold their value at the end of a run.
public struct Plan: Sendable {
  /// Every place is a multiple of this many bytes: a cache line, and the widest vector register.
  public static let alignment = 64

  /// The program in execution order.
  public var program: Program
  /// By `ValueID.index`; nil for values that the program does not name.
  public var locations: [Location?]
  /// By operation: where its scratch memory starts in the arena, nil if it has none.
  public var workspaces: [Int?]
  /// By operation: bytes of scratch memory.
  public var workspaceByteCounts: [Int]
  /// By operation: whether it only gives a new name to bytes of its operand. Such an operation must not run.
  public var isView: [Bool]
  /// Bytes of the arena.
  public var arenaByteCount: Int
  /// What was achieved.
  public var statistics: PlanStatistics

  /// The place of a value that the program names.
  public func location(of value: ValueID) -> Location? {
    locations.indices.contains(value.index) ? locations[value.index] : nil
  }
}

/// Why a program has no plan.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Program, operation and reason.
  public var description: String

  /// An error with the given explanation.
  public init(_ description: String) { self.description = description }
}

extension Plan {
  /// The smallest multiple of the alignment that holds so many bytes.
  static func aligned(_ byteCount: Int) -> Int { (max(byteCount, 1) + alignment - 1) / alignment * alignment }
}
