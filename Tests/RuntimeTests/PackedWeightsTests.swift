import IR
import Ops
import Passes
import Planning
import TestSupport
import Testing

@testable import Runtime

/// Products of weights packed by a setup against the same products packing them in every run: bit for bit.
@Suite(.serialized) struct PackedWeightsTests {
  private static let pool = ThreadPool(threadCount: 2)

  private static func linear(rows: Int, _ out: Int, _ width: Int, _ precision: OperandPrecision) -> Program {
    let builder = ProgramBuilder(name: "linear")
    let w = builder.parameter("w", [out, width], .normal(deviation: 1))
    var op = Linear(epilogue: Epilogue(activation: .gelu))
    op.precision = precision
    builder.output("y", builder.emitOne(op, builder.input("x", .f32(rows, width)), w))
    return builder.program
  }

  private static func convolution(
    _ size: Int, _ channels: Int, _ out: Int, kernel: Int = 3, stride: Int = 1, _ precision: OperandPrecision = .f32
  ) -> Program {
    let builder = ProgramBuilder(name: "convolution")
    let x = builder.input("x", .f32(1, size, size, channels))
    let w = builder.parameter("w", [out, kernel, kernel, channels], .normal(deviation: 1))
    let b = builder.parameter("b", [out], .normal(deviation: 1))
    var op = Conv2D(stride: stride, padding: Padding(all: kernel / 2), epilogue: Epilogue(activation: .silu))
    op.precision = precision
    builder.output("y", builder.emitOne(op, x, w, b))
    return builder.program
  }

  /// Matrix products, convolutions by few tiles and by many, direct ones, strided ones, those that are matrix products.
  private static let programs = [
    linear(rows: 9, 64, 37, .f32), linear(rows: 33, 32, 70, .bf16), convolution(16, 32, 64), convolution(32, 32, 32),
    convolution(8, 5, 32), convolution(9, 16, 32, stride: 2), convolution(6, 12, 96, kernel: 1),
    convolution(8, 6, 32, .bf16), convolution(16, 32, 32, .bf16), convolution(6, 12, 32, kernel: 1, .bf16),
  ]

  @Test(arguments: programs.indices, KernelSelection.available)
  func packedOnceIsTheSame(_ index: Int, _ set: InstructionSet) throws {
    let program = Self.programs[index]
    var packing = program
    try PassManager(verifies: true).run([PlacedPass(.forRuntime, "under test")], on: &packing)
    let prepared = WeightHoisting.split(packing)
    let setup = try #require(prepared.setup.first)
    #expect(prepared.main.operations.count == 1 && setup.operations.count == 1)

    var random = RandomTensors(seed: 3)
    let x = random.tensor(program.type(of: try #require(program.inputs.first).value), .signed)
    let planner = Planner.forRuntime()
    func run(_ program: Program, _ setup: [Program]) throws -> [UInt32] {
      let executable = try Executable(
        planner.plan(program), setup: setup.map { try planner.plan($0) }, store: ParameterStore(seed: 1),
        pool: Self.pool, kernels: KernelSelection(set))
      for (index, value) in x.reals.enumerated() { try executable.input("x")[index] = Float(value) }
      executable.run()
      return try executable.output("y").map(\.bitPattern)
    }
    #expect(try run(prepared.main, prepared.setup) == run(program, []))
  }

  /// Few rows read weights as they are stored; to many rows packing costs nothing that shows.
  @Test(arguments: [(8, false), (9, true), (1024, true), (1025, false)])
  func onlyWhereItPays(_ rows: Int, _ packs: Bool) throws {
    var program = Self.linear(rows: rows, 64, 37, .f32)
    #expect(PackConstantWeights { PackedWeights.form(of: $0, in: $1) }.run(on: &program) == packs)
  }
}

extension Pass where Self == PackConstantWeights {
  fileprivate static var forRuntime: PackConstantWeights { PackConstantWeights { PackedWeights.form(of: $0, in: $1) } }
}
