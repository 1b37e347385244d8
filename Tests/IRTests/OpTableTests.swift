import IR
import Ops
import TestSupport
import Testing

/// The table of ops as a whole: an op that is added and left out anywhere fails here.
@Suite struct OpTableTests {
  static func parse(_ text: String) throws -> Program {
    try ProgramParser.parse(text, registry: OpTable.registry)
  }

  static func example(of name: OpName) throws -> Program {
    for type in OpTable.types {
      let program = try parse(type.example)
      if OpName(try #require(program.operations.first).opCase) == name { return program }
    }
    throw ReferenceError("no row of OpTable.types is \(name)")
  }

  @Test func everyCaseHasItsRow() throws {
    let names = try OpTable.types.map { type in
      let program = try Self.parse(type.example)
      let operation = try #require(program.operations.first)
      #expect(program.operations.count == 1, "the example of \(type) is not one operation")
      #expect(
        type.mnemonics.contains(operation.op.mnemonic), "the example of \(type) shows another op")
      return OpName(operation.opCase)
    }
    #expect(
      names == OpName.allCases, "the rows of OpTable.types are not the cases of OpCase in order")
  }

  @Test func mnemonicsAreUniqueWords() {
    let mnemonics = OpTable.types.flatMap { $0.mnemonics }
    #expect(Set(mnemonics).count == mnemonics.count)
    for mnemonic in mnemonics {
      #expect(
        mnemonic.wholeMatch(of: /[a-z][a-z0-9]*(_[a-z0-9]+)*/) != nil,
        "\(mnemonic) is no snake_case word")
    }
    #expect(OpTable.registry.mnemonics == mnemonics.sorted())
  }

  @Test func summariesAreOneLine() {
    for type in OpTable.types {
      #expect(
        !type.summary.isEmpty && !type.summary.contains("\n") && type.summary.count <= 110,
        "\(type)")
      #expect(type.summary.hasSuffix("."), "the summary of \(type) is no sentence")
    }
  }

  @Test func examplesPrintAsTheyRead() throws {
    for type in OpTable.types {
      let program = try Self.parse(type.example)
      try program.verify()
      #expect(ProgramPrinter().print(program) == type.example)
    }
  }

  /// Passes find shared attributes by protocol, so an op that has one says so.
  @Test func sharedAttributesAreDeclared() throws {
    for type in OpTable.types {
      let op = try #require(try Self.parse(type.example).operations.first).op
      let attributes = Set(Mirror(reflecting: op).children.compactMap(\.label))
      #expect(attributes.contains("epilogue") == (op is any HasEpilogue), "\(type)")
      #expect(attributes.contains("isPacked") == (op is any ReadsPackedWeights), "\(type)")
      #expect(attributes.contains("upsample") == (op is any ConvolutionOp), "\(type)")
      // What pack_weights makes is of a precision; it multiplies nothing.
      #expect((attributes.contains("precision") && !(op is PackWeights)) == (op is any HasPrecision), "\(type)")
    }
  }

  @Test(arguments: OpName.allCases) func exampleRunsInTheReferenceInterpreter(_ name: OpName) throws {
    let program = try Self.example(of: name)
    var random = RandomTensors(seed: 3)
    var inputs: [String: Tensor] = [:]
    for port in program.inputs {
      inputs[port.name] = random.tensor(program.type(of: port.value), .positive)
    }
    if inputs["settings"] != nil { inputs["settings"] = Tensor(.f32(3), [0, 0, 1]) }
    var symbols = random.symbols(of: program)
    let before = symbols
    let outputs = try ReferenceInterpreter.run(program, inputs: inputs, symbols: &symbols)
    for port in program.outputs {
      let output = try #require(outputs[port.name])
      #expect(output.type == program.type(of: port.value))
      #expect(output.reals.allSatisfy { $0.isFinite })
    }
    let operation = program.operations[0]
    let updated = Set(
      operation.op.mutatedOperands.compactMap { program.symbol(of: operation.operands[$0])?.name })
    for (symbol, tensor) in symbols {
      #expect(
        (tensor != before[symbol]) == updated.contains(symbol),
        "@\(symbol) does not change as the op says")
    }
    #expect(!outputs.isEmpty || !updated.isEmpty, "the op has no effect")
  }

  /// Ops that move elements or choose among them without arithmetic.
  static let movesOnly: Set<OpName> = [
    .constant, .stopGradient, .reshape, .transpose, .concat, .slice, .pad, .broadcast, .upsample, .resizeNearest,
    .cacheWrite, .packWeights,
    .embedding, .dropLabels, .displaceImages,
  ]

  @Test(arguments: OpName.allCases) func costIsPlausible(_ name: OpName) throws {
    let program = try Self.example(of: name)
    let operation = program.operations[0]
    let results = program.types(of: operation.results)
    let operands = program.types(of: operation.operands)
    let cost = operation.cost(in: program)
    if Self.movesOnly.contains(name) {
      #expect(cost.flops == 0)
    } else {
      #expect(cost.flops >= (results.map(\.count).max() ?? 1), "fewer operations than results")
      let largest = (operands + results).map(\.count).max() ?? 1
      #expect(
        cost.flops <= 1000 * largest * largest, "more operations than any op of this library takes")
    }
    #expect(cost.bytes >= results.reduce(0) { $0 + $1.byteCount })
  }

  /// Loop counts written out, two operations per multiply-add.
  static let countedLoops: [(op: any Op, operands: [TensorType], flops: Int)] = [
    (MatMul(), [.f32(5, 2, 3), .f32(5, 3, 7)], 2 * (5 * 2 * 3 * 7)),
    (MatMul(transposeA: true), [.f32(3, 2), .f32(3, 7)], 2 * (2 * 3 * 7)),
    (Linear(), [.f32(5, 2, 3), .f32(4, 3)], 2 * (5 * 2 * 3 * 4)),
    (Linear(), [.f32(5, 3), .f32(4, 3), .f32(4)], 2 * (5 * 3 * 4) + 5 * 4),
    (
      Conv2D(stride: 2, padding: asymmetric), [.f32(2, 8, 6, 3), .f32(5, 3, 3, 3)],
      2 * (2 * 4 * 3 * 5 * 27)
    ),
    (
      Conv2DInputGradient(stride: 2, padding: asymmetric, size: [8, 6]),
      [.f32(2, 4, 3, 5), .f32(5, 3, 3, 3)], 2 * (2 * 4 * 3 * 5 * 27)
    ),
    (
      Conv2DWeightGradient(stride: 2, padding: asymmetric, kernel: [3, 3]),
      [.f32(2, 8, 6, 3), .f32(2, 4, 3, 5)], 2 * (2 * 4 * 3 * 5 * 27)
    ),
    (
      Conv2DWeightGradient(stride: 2, padding: asymmetric, kernel: [3, 3], sumsBias: true),
      [.f32(2, 8, 6, 3), .f32(2, 4, 3, 5)], (2 * 27 + 1) * (2 * 4 * 3 * 5)
    ),
    (
      Conv2D(padding: asymmetric, upsample: true), [.f32(2, 4, 3, 3), .f32(5, 3, 3, 3)],
      2 * (2 * 7 * 5 * 5 * 27)
    ),
    (
      Attention(scale: 1, causal: false),
      [.f32(2, 3, 4, 5), .f32(2, 7, 4, 5), .f32(2, 7, 4, 5)], 2 * 2 * (2 * 4 * 3 * 7 * 5)
    ),
    (Attention(scale: 1, causal: false), [.f32(2, 3, 3, 4, 5)], 2 * 2 * (2 * 4 * 3 * 3 * 5)),
  ]
  private static let asymmetric = Padding(top: 0, left: 0, bottom: 1, right: 1)

  @Test func matrixCostsAreCountedLoops() throws {
    for (op, operands, expected) in Self.countedLoops {
      let flops = op.flops(operands: operands, results: try op.resultTypes(operands))
      #expect(flops == expected, "\(op.mnemonic) \(operands)")
    }
  }
}
