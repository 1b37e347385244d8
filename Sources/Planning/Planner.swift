import IR
import Ops

/// A program that cannot be planned.
public struct PlanError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Why.
  public var description: String
}

/// Decides where every value of a program lives.
public struct Planner {
  private let workspaceByteCount: (Operation, Program) -> Int

  /// A planner; the closure gives the bytes of workspace that the kernels of an operation share while it runs.
  public init(workspaceByteCount: @escaping (Operation, Program) -> Int) {
    self.workspaceByteCount = workspaceByteCount
  }

  /// Plans a program in its order.
  public func plan(_ program: Program) throws(PlanError) -> Plan {
    do { try program.verify() } catch { throw PlanError(description: "\(error)") }
    let liveness = Liveness(program, workspaceByteCount: workspaceByteCount)
    let arena = Arena(liveness.buffers)
    let locations = program.values.indices.map { index -> Location? in
      if let (symbol, offset) = liveness.symbols[index] {
        return Location(storage: .symbol(symbol), byteOffset: offset)
      }
      return liveness.placement[index].map {
        Location(storage: .arena(arena.offsets[$0.buffer]), byteOffset: $0.byteOffset)
      }
    }
    return Plan(
      program: program, locations: locations, workspaces: liveness.workspaces.map { $0.map { arena.offsets[$0] } },
      arenaByteCount: arena.byteCount, statistics: statistics(program, liveness, arena))
  }

  private func statistics(_ program: Program, _ liveness: Liveness, _ arena: Arena) -> PlanStatistics {
    var result = PlanStatistics()
    result.operationCount = program.operations.count
    result.aliasCount = liveness.aliasCount
    result.inPlaceCount = liveness.inPlaceCount
    result.arenaByteCount = arena.byteCount
    var change = [Int](repeating: 0, count: program.operations.count + 3)
    for buffer in liveness.buffers {
      let size = Arena.rounded(buffer.byteCount)
      result.naiveByteCount += size
      change[buffer.start + 1] += size
      change[buffer.end + 2] -= size
    }
    var live = 0
    for step in change {
      live += step
      result.lowerBoundByteCount = max(result.lowerBoundByteCount, live)
    }
    for use in program.symbols {
      if use.symbol.role == .parameter {
        result.parameterByteCount += use.symbol.type.byteCount
        result.parameterCount += use.symbol.type.count
      } else {
        result.stateByteCount += use.symbol.type.byteCount
      }
    }
    let cost = program.cost
    result.flops = cost.flops
    result.bytesMoved = cost.bytes
    return result
  }
}
