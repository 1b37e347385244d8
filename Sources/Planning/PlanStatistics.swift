import IR

/// Numbers about a plan, known before anything runs.
public struct PlanStatistics: Hashable, Sendable, Codable {
  /// One row of the table of ops.
  public struct OpRow: Hashable, Sendable, Codable {
    /// Mnemonic.
    public var mnemonic: String
    /// Number of operations.
    public var count: Int
    /// Floating-point operations.
    public var flops: Int
    /// Bytes read and written.
    public var bytesMoved: Int
  }

  /// Name of the program.
  public var program = ""
  /// Operations, views included.
  public var operationCount = 0
  /// Results that are views of their operand.
  public var aliasCount = 0
  /// Results that took over the bytes of an operand.
  public var inPlaceCount = 0
  /// Bytes if every input, result that is no view, and workspace had its own memory.
  public var naiveByteCount = 0
  /// The largest sum of bytes live at one operation: no arena for this order can be smaller.
  public var lowerBoundByteCount = 0
  /// Bytes of the arena.
  public var arenaByteCount = 0
  /// Bytes of the largest workspace.
  public var workspaceByteCount = 0
  /// The operation at which most bytes are live: position, mnemonic and scope.
  public var peakOperation = ""
  /// How the order of operations was chosen.
  public var order = ""
  /// How offsets were chosen.
  public var packing = ""
  /// Bytes of trained parameters.
  public var parameterByteCount = 0
  /// Bytes of persistent state.
  public var stateByteCount = 0
  /// Bytes of constants and derived symbols, computed once.
  public var constantByteCount = 0
  /// Number of trained parameters.
  public var parameterCount = 0
  /// Floating-point operations of one run.
  public var flops = 0
  /// Bytes read and written by one run, counted on operands and results; views move nothing.
  public var bytesMoved = 0
  /// By mnemonic, the most floating-point operations first, then the most bytes.
  public var ops: [OpRow] = []

  /// Bytes of symbols of all roles.
  public var persistentByteCount: Int { parameterByteCount + stateByteCount + constantByteCount }
  /// Arena and symbols.
  public var totalByteCount: Int { arenaByteCount + persistentByteCount }
}

extension PlanStatistics {
  /// Counts what follows from the program alone.
  init(_ program: Program, isView: [Bool]) {
    self.program = program.name
    operationCount = program.operations.count
    for use in program.symbols { count(use.symbol) }
    var rows: [String: OpRow] = [:]
    for (position, operation) in program.operations.enumerated() {
      var cost = operation.cost(in: program)
      if isView[position] {
        aliasCount += 1
        cost.bytes = 0
      }
      flops += cost.flops
      bytesMoved += cost.bytes
      let mnemonic = operation.op.mnemonic
      rows[mnemonic, default: OpRow(mnemonic: mnemonic, count: 0, flops: 0, bytesMoved: 0)].add(cost)
    }
    ops = rows.values.sorted { ($1.flops, $1.bytesMoved, $0.mnemonic) < ($0.flops, $0.bytesMoved, $1.mnemonic) }
  }

  private mutating func count(_ symbol: Symbol) {
    switch symbol.role {
    case .parameter:
      parameterByteCount += symbol.type.byteCount
      parameterCount += symbol.type.count
    case .state: stateByteCount += symbol.type.byteCount
    case .constant, .derived: constantByteCount += symbol.type.byteCount
    }
  }

  /// Counts the symbols that a setup reads and `program` does not.
  ///
  /// - Parameter areKept: Whether they stay in memory, as in training; else only the number of parameters grows.
  public mutating func count(setup: [Program], of program: Program, areKept: Bool) {
    var known = Set(program.symbols.map(\.symbol.name))
    for use in setup.flatMap(\.symbols) where known.insert(use.symbol.name).inserted {
      if areKept {
        count(use.symbol)
      } else if use.symbol.role == .parameter {
        parameterCount += use.symbol.type.count
      }
    }
  }
}

extension PlanStatistics.OpRow {
  fileprivate mutating func add(_ cost: Cost) {
    count += 1
    flops += cost.flops
    bytesMoved += cost.bytes
  }
}
