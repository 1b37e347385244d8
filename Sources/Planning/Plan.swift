import IR

/// Where a value's elements are.
public enum Storage: Hashable, Sendable {
  /// In the arena, at this byte offset.
  case arena(Int)
  /// In the storage of the symbol at this position of `Program.symbols`.
  case symbol(Int)
}

/// A place inside a storage.
public struct Location: Hashable, Sendable {
  /// The storage.
  public var storage: Storage
  /// Bytes from its beginning.
  public var byteOffset: Int

  /// A place.
  public init(storage: Storage, byteOffset: Int = 0) {
    self.storage = storage
    self.byteOffset = byteOffset
  }
}

/// What a plan costs.
public struct PlanStatistics: Hashable, Sendable, Codable {
  /// Operations.
  public var operationCount = 0
  /// Operations that only rename elements.
  public var aliasCount = 0
  /// Results that took over the storage of an operand.
  public var inPlaceCount = 0
  /// Bytes of all values and workspaces if none were shared.
  public var naiveByteCount = 0
  /// The most bytes alive at one time: no arena of this order can be smaller.
  public var lowerBoundByteCount = 0
  /// Bytes of the arena.
  public var arenaByteCount = 0
  /// Bytes of trained parameters.
  public var parameterByteCount = 0
  /// Bytes of state and constants.
  public var stateByteCount = 0
  /// Elements of trained parameters.
  public var parameterCount = 0
  /// Floating-point operations of a run.
  public var flops = 0
  /// Bytes read and written by a run, counted operation by operation.
  public var bytesMoved = 0
}

/// A program with a place for every value: what the runtime executes.
public struct Plan: Sendable {
  /// The program in execution order.
  public var program: Program
  /// The place of every value, by `ValueID.index`; nil for values that no operation of the program defines.
  public var locations: [Location?]
  /// Arena offset of the kernels' common workspace, by operation; nil where none is needed.
  public var workspaces: [Int?]
  /// Size of the arena.
  public var arenaByteCount: Int
  /// What it costs.
  public var statistics: PlanStatistics
}
