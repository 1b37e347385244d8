import IR
import Planning

/// Turns the operations of a plan into kernel calls on addresses.
struct KernelBinding {
  private let plan: Plan
  private let store: ParameterStore
  private let arena: UnsafeMutableRawPointer
  private(set) var instructions: [Instruction] = []
  /// What instructions point to besides tensors.
  private(set) var tables: [AlignedBuffer] = []
  private(set) var operationOfInstruction: [Int] = []

  init(plan: Plan, store: ParameterStore, arena: UnsafeMutableRawPointer) {
    self.plan = plan
    self.store = store
    self.arena = arena
  }

  static func pointer(
    _ value: ValueID, plan: Plan, store: ParameterStore, arena: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    guard let location = plan.locations[value.index] else {
      preconditionFailure("\(plan.program.name): a value without a place")
    }
    switch location.storage {
    case .arena(let offset): return arena + offset + location.byteOffset
    case .symbol(let index):
      guard let base = store.base(plan.program.symbols[index].symbol.name) else {
        preconditionFailure("\(plan.program.name): a symbol without storage")
      }
      return base + location.byteOffset
    }
  }

  mutating func bind(_ position: Int) {
    guard !plan.isView[position] else { return }
    let (plan, store, arena) = (plan, store, arena)
    var binder = OperationBinder(
      program: plan.program, operation: plan.program.operations[position],
      workspace: arena + (plan.workspaces[position] ?? 0)
    ) { Self.pointer($0, plan: plan, store: store, arena: arena) }
    binder.bind()
    instructions += binder.instructions
    tables += binder.tables
    operationOfInstruction += Array(repeating: position, count: binder.instructions.count)
  }

  /// Bytes of workspace of an operation: what binding it takes. For the planner.
  static func workspaceByteCount(_ operation: Operation, _ program: Program) -> Int {
    // Binding only computes addresses, so any address will do.
    guard let nowhere = UnsafeMutableRawPointer(bitPattern: 1 << 20) else { return 0 }
    var binder = OperationBinder(program: program, operation: operation, workspace: nowhere) { _ in nowhere }
    binder.bind()
    return binder.workspaceByteCount
  }
}

extension Planner {
  /// A planner for this runtime's kernels.
  public static func forRuntime() -> Planner { Planner(workspaceByteCount: KernelBinding.workspaceByteCount) }
}
