import Autodiff
import IR
import Ops
import TestSupport
import Testing

/// Every gradient rule against finite differences, and the exact list of ops that have none.
@Suite struct GradientTests {
  /// Ops whose rule says that there is none: gradients of fused ops, selections and in-place updates.
  static let withoutRule: Set<String> = [
    "silu_gradient", "gelu_gradient", "absolute_gradient", "resize_nearest", "group_norm_gradient",
    "layer_norm_gradient",
    "rms_norm_gradient", "softmax_gradient", "attention_gradient", "l2_normalize_gradient",
    "entropy_loss_gradient",
    "cross_entropy_gradient", "cached_attention", "cache_write", "increment", "gradient_norm",
    "adam", "adam_group", "group_norm_apply", "pointwise",
    "moving_average", "pack_weights", "quantize",
  ]

  /// Ops through which nothing differentiable passes: no real operand, integer results, or the request to stop.
  static let withoutFlow: Set<String> = [
    "constant", "stop_gradient", "nearest_code", "drop_labels", "sample_token", "random_indices", "random_uniform",
    "perturb_codes",
    "learning_rate", "schedule",
  ]

  @Test func everyOpIsChecked() {
    let checked = Set(GradientCase.all.map { $0.op.mnemonic })
    let listed = Self.withoutRule.union(Self.withoutFlow)
    #expect(Self.withoutRule.isDisjoint(with: Self.withoutFlow))
    #expect(checked.isDisjoint(with: listed), "an op with a rule is listed as having none")
    #expect(checked.union(listed).sorted() == OpTable.registry.mnemonics)
  }

  @Test(arguments: GradientCase.all.indices) func ruleAgreesWithDifferences(_ index: Int) throws {
    let subject = GradientCase.all[index]
    var random = RandomTensors(seed: 11 + index)
    var names: [String: Tensor] = [:]
    let builder = ProgramBuilder(name: "checked")
    let operands = subject.operands.enumerated().map { position, type in
      names["x\(position)"] =
        subject.given[position] ?? random.tensor(type, subject.ranges[position] ?? .signed)
      return builder.input("x\(position)", type)
    }
    builder.output("y", builder.emit(subject.op, operands)[0])
    let targets = subject.targets.map { "x\($0)" }
    #expect(!targets.isEmpty)
    let report = try GradientChecker().check(builder.program, withRespectTo: targets, inputs: names)
    #expect(report.passes, "\(subject.description): \(report)")
    for target in report.targets {
      #expect(target.largestGradient > 1e-3, "\(subject.description): \(target.name)")
    }
    for refused in subject.refused {
      #expect(throws: DifferentiationError.self) {
        try GradientChecker().check(builder.program, withRespectTo: ["x\(refused)"], inputs: names)
      }
    }
  }

  /// What a rule leaves behind when all real operands and results take part.
  private func gradients(of op: any FacetOp, like example: Operation, in program: Program) throws
    -> [ValueID?]
  {
    let builder = ProgramBuilder(continuing: program)
    let operation = Operation(
      op: op, operands: example.operands, results: example.results, scope: "")
    let incoming = example.results.enumerated().map { index, result -> ValueID? in
      index == 0 && program.type(of: result).dtype == .f32
        ? builder.input("gradient", program.type(of: result)) : nil
    }
    let context = GradientContext(
      builder: builder, operation: operation, resultGradients: incoming,
      wanted: example.operands.map { program.type(of: $0).dtype == .f32 })
    try op.gradient(context)
    return context.operandGradients
  }

  @Test func listedOpsHaveNoRule() throws {
    for type in OpTable.types {
      let program = try OpTableTests.parse(type.example)
      let example = try #require(program.operations.first)
      for mnemonic in type.mnemonics where Self.withoutRule.contains(mnemonic) {
        let op = try #require(
          BinaryFunction(rawValue: mnemonic).map { Binary($0) } ?? example.op as? any FacetOp)
        #expect(op.mnemonic == mnemonic)
        #expect(throws: OpError("\(mnemonic) has no gradient rule")) {
          try gradients(of: op, like: example, in: program)
        }
      }
      for mnemonic in type.mnemonics where Self.withoutFlow.contains(mnemonic) {
        let op = try #require(example.op as? any FacetOp)
        let found = try gradients(of: op, like: example, in: program)
        #expect(found.allSatisfy { $0 == nil }, "\(mnemonic) passes a gradient")
        let realOperands = program.types(of: example.operands).contains { $0.dtype == .f32 }
        let realResults = program.types(of: example.results).contains { $0.dtype == .f32 }
        #expect(
          mnemonic == "stop_gradient" || !(realOperands && realResults),
          "\(mnemonic) has a derivative")
      }
    }
  }

  /// What passes make that run after differentiation.
  @Test func fusedOpsAreRefused() throws {
    func message(_ program: Program, _ op: any FacetOp) -> String {
      var changed = program
      changed.operations[0].op = op
      let builder = ProgramBuilder(continuing: changed)
      let result = changed.operations[0].results[0]
      let sum = builder.emitOne(ReduceSum(start: 0, end: changed.type(of: result).rank), result)
      do {
        _ = try ReverseMode.gradients(of: sum, withRespectTo: [changed.operations[0].operands[0]], in: builder)
        return "nothing was thrown"
      } catch { return error.description }
    }
    var refused = 0
    for type in OpTable.types {
      let program = try OpTableTests.parse(type.example)
      let op = program.operations[0].op
      if var op = op as? any HasEpilogue {
        op.epilogue.activation = .relu
        #expect(message(program, op).contains("\(op.mnemonic) with an epilogue has no gradient rule"))
        refused += 1
      }
      if var op = op as? any HasPrecision {
        op.precision = .bf16
        let text = message(program, op)
        #expect(text.contains("bf16") && text.contains("has no gradient rule"), "\(text)")
        refused += 1
      }
      if var op = op as? any ReadsPackedWeights {
        op.isPacked = true
        #expect(message(program, op).contains("\(op.mnemonic) with packed weights has no gradient rule"))
        refused += 1
      }
    }
    #expect(refused == 4 + 7 + 2)
  }

  @Test func oneOperandInBothPlacesGetsBothContributions() throws {
    var random = RandomTensors(seed: 2)
    let x = random.tensor(.f32(3, 3), .awayFromZero)
    let builders: [(ProgramBuilder, ValueID) -> ValueID] = [
      { $0.mul($1, $1) },
      { $0.binary(.divide, $1, $0.unary(.square, $1)) },
      { $0.emitOne(MatMul(), $1, $1) },
      { $0.concat([$1, $1], axis: 0) },
      { $0.linear($1, $1) },
    ]
    for build in builders {
      let report = try GradientChecker().check(inputs: [("x", x)]) { [build($0, $1[0])] }
      #expect(report.passes, "\(report)")
    }
  }

  @Test func checkerFindsAWrongGradient() throws {
    // The straight-through estimator is deliberately not the derivative.
    let x = Tensor(.f32(3), [0.5, -0.5, 1.5])
    let report = try GradientChecker().check(inputs: [("x", x)]) { builder, values in
      [builder.add(values[0], builder.stopGradient(builder.unary(.square, values[0])))]
    }
    #expect(!report.passes)
    // Reverse mode says 1 everywhere; the true slope 1 + 2x vanishes at the second element.
    #expect(report.targets[0].comparison.index == [1])
    #expect(
      report.targets[0].comparison.actual != 0 && abs(report.targets[0].comparison.expected) < 1e-9)
  }

  @Test(arguments: [
    "group_norm", "layer_norm", "rms_norm", "attention", "entropy_loss", "cross_entropy",
  ]) func secondResultsAreRefused(_ mnemonic: String) throws {
    let type = try #require(OpTable.types.first { $0.mnemonics.contains(mnemonic) })
    let program = try OpTableTests.parse(type.example)
    let builder = ProgramBuilder(continuing: program)
    let second = program.operations[0].results[1]
    let loss = builder.emitOne(ReduceSum(start: 0, end: program.type(of: second).rank), second)
    #expect(throws: DifferentiationError.self) {
      try ReverseMode.gradients(
        of: loss, withRespectTo: [program.operations[0].operands[0]], in: builder)
    }
  }
}
