import Foundation
import IR
import KernelInterface
import Planning

/// A port that a program does not have, or has with another type.
public struct PortError: Error, CustomStringConvertible {
  /// The port and the reason.
  public var description: String
}

/// A plan bound to memory, ready to run any number of times. Running allocates nothing.
///
/// The storage of inputs is reused during a run, so all inputs are written again before each run.
public final class Executable {
  /// The plan.
  public let plan: Plan
  /// Computes the derived symbols that the plan reads; run when parameters have changed, and not kept in memory.
  private let setup: [Plan]
  private let kernels: KernelSelection
  private let changesParameters: Bool
  private var preparedGeneration = -1
  private let store: ParameterStore
  private let pool: ThreadPool
  private let arena: AlignedBuffer
  private let scratch: [AlignedBuffer]
  /// What instructions point to besides tensors.
  private let tables: [AlignedBuffer]
  private let state: UnsafeMutablePointer<State>
  /// For each instruction the operation that it belongs to.
  let operationOfInstruction: [Int]

  /// What the threads of one run share.
  struct State {
    var kernels: any KernelSet.Type
    var instruction: UnsafePointer<BoundInstruction>
    var threadCount: Int
    var scratch: UnsafePointer<UnsafeMutableRawPointer>
  }

  struct BoundInstruction {
    var instruction: Instruction
    var unitCount: Int
  }

  private let instructions: UnsafeMutableBufferPointer<BoundInstruction>
  private let scratchPointers: UnsafeMutableBufferPointer<UnsafeMutableRawPointer>

  /// Binds a plan to a store, whose symbols are created where they are missing.
  ///
  /// - Parameter setup: Plans whose outputs are the derived symbols of `plan`.
  public init(
    _ plan: Plan, setup: [Plan] = [], store: ParameterStore, pool: ThreadPool, kernels: KernelSelection
  ) throws(ParameterStoreError) {
    self.plan = plan
    self.setup = setup
    self.store = store
    self.pool = pool
    self.kernels = kernels
    changesParameters = plan.program.operations.contains { operation in
      operation.op.mutatedOperands.contains {
        plan.program.symbol(of: operation.operands[$0])?.role == .parameter
      }
    }
    for plan in setup { try store.add(plan.program) }
    try store.add(plan.program)
    arena = AlignedBuffer(byteCount: plan.arenaByteCount)
    var binding = KernelBinding(plan: plan, store: store, arena: arena.base)
    for position in plan.program.operations.indices { binding.bind(position) }
    operationOfInstruction = binding.operationOfInstruction
    tables = binding.tables
    instructions = .allocate(capacity: binding.instructions.count)
    for (index, instruction) in binding.instructions.enumerated() {
      instructions.initializeElement(
        at: index, to: BoundInstruction(instruction: instruction, unitCount: instruction.unitCount))
    }
    let need = binding.instructions.map(\.scratchByteCount).max() ?? 0
    scratch = (0..<pool.threadCount).map { _ in AlignedBuffer(byteCount: max(64, need)) }
    scratchPointers = .allocate(capacity: pool.threadCount)
    for (index, buffer) in scratch.enumerated() { scratchPointers.initializeElement(at: index, to: buffer.base) }
    state = .allocate(capacity: 1)
    state.initialize(
      to: State(
        kernels: kernels.kernels, instruction: UnsafePointer(instructions.baseAddress ?? .allocate(capacity: 1)),
        threadCount: pool.threadCount, scratch: UnsafePointer(scratchPointers.baseAddress ?? .allocate(capacity: 1))))
  }

  deinit {
    instructions.deallocate()
    scratchPointers.deallocate()
    state.deallocate()
  }

  /// Threads that share the work of a call.
  public var threadCount: Int { pool.threadCount }

  /// Number of kernel calls of a run.
  public var instructionCount: Int { instructions.count }

  /// Runs the program once.
  public func run() {
    if !setup.isEmpty && preparedGeneration != store.generation { prepare() }
    for index in 0..<instructions.count { step(index) }
    if changesParameters { store.generation += 1 }
  }

  /// Computes derived symbols anew.
  private func prepare() {
    for plan in setup {
      do { try store.derive(plan, pool: pool, kernels: kernels) } catch {
        preconditionFailure("\(plan.program.name): \(error)")
      }
    }
    preparedGeneration = store.generation
  }

  /// Runs the program once, calling `observe` after each instruction with the operation's position.
  public func run(observing observe: (_ operation: Int) -> Void) {
    if !setup.isEmpty && preparedGeneration != store.generation { prepare() }
    defer { if changesParameters { store.generation += 1 } }
    for index in 0..<instructions.count {
      step(index)
      observe(operationOfInstruction[index])
    }
  }

  /// Runs the program once, calling `observe` after each instruction with the instruction's position.
  public func profile(_ observe: (_ instruction: Int) -> Void) {
    for index in 0..<instructions.count {
      step(index)
      observe(index)
    }
  }

  /// The position of the operation that an instruction belongs to.
  public func operation(of instruction: Int) -> Int { operationOfInstruction[instruction] }

  /// The name of the kernel that an instruction calls.
  public func kernelName(of instruction: Int) -> String { instructions[instruction].instruction.kernelName }

  @inline(__always)
  private func step(_ index: Int) {
    let bound = UnsafePointer(instructions.baseAddress.unsafelyUnwrapped + index)
    if bound.pointee.unitCount < 2 || pool.threadCount == 1 {
      bound.pointee.instruction.run(
        state.pointee.kernels, 0..<bound.pointee.unitCount, scratchPointers[0])
    } else {
      state.pointee.instruction = bound
      pool.run(UnsafeRawPointer(state)) { worker, argument in
        let state = argument.assumingMemoryBound(to: State.self)
        let bound = state.pointee.instruction
        let (count, threads) = (bound.pointee.unitCount, state.pointee.threadCount)
        let units = count * worker / threads..<count * (worker + 1) / threads
        if !units.isEmpty {
          bound.pointee.instruction.run(state.pointee.kernels, units, state.pointee.scratch[worker])
        }
      }
    }
  }

  /// Where a value lies; whether its contents are there depends on how far a run has come.
  func pointer(_ value: ValueID) -> UnsafeMutableRawPointer {
    KernelBinding.pointer(value, plan: plan, store: store, arena: arena.base)
  }

  private func port(_ ports: [ProgramPort], _ name: String, _ dtype: DType, _ kind: String) throws(PortError)
    -> ProgramPort
  {
    guard let port = ports.first(where: { $0.name == name }) else {
      let known = ports.map(\.name).joined(separator: ", ")
      throw PortError(description: "\(plan.program.name) has no \(kind) '\(name)'; it has \(known)")
    }
    let type = plan.program.type(of: port.value)
    guard type.dtype == dtype else {
      throw PortError(description: "\(kind) '\(name)' of \(plan.program.name) is \(type)")
    }
    return port
  }

  private func elements<T>(_ port: ProgramPort, as type: T.Type) -> UnsafeMutableBufferPointer<T> {
    UnsafeMutableBufferPointer(
      start: pointer(port.value).assumingMemoryBound(to: T.self), count: plan.program.type(of: port.value).count)
  }

  /// Whether the program has an input of this name.
  public func hasInput(_ name: String) -> Bool { plan.program.inputs.contains { $0.name == name } }

  /// The elements of an f32 input, to be written before a run.
  public func input(_ name: String) throws(PortError) -> UnsafeMutableBufferPointer<Float> {
    elements(try port(plan.program.inputs, name, .f32, "input"), as: Float.self)
  }

  /// The elements of an i32 input, to be written before a run.
  public func integerInput(_ name: String) throws(PortError) -> UnsafeMutableBufferPointer<Int32> {
    elements(try port(plan.program.inputs, name, .i32, "input"), as: Int32.self)
  }

  /// The elements of an f32 output, valid until the next run.
  public func output(_ name: String) throws(PortError) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(elements(try port(plan.program.outputs, name, .f32, "output"), as: Float.self))
  }

  /// The elements of an i32 output, valid until the next run.
  public func integerOutput(_ name: String) throws(PortError) -> UnsafeBufferPointer<Int32> {
    UnsafeBufferPointer(elements(try port(plan.program.outputs, name, .i32, "output"), as: Int32.self))
  }
}
