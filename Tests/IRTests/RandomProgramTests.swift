import Autodiff
import IR
import Ops
import TestSupport
import Testing

/// Properties that must hold for any program, on a hundred random ones.
@Suite struct RandomProgramTests {
  static let seeds = 0..<100

  @Test(arguments: seeds) func gradientsAgreeWithDifferences(_ seed: Int) throws {
    let subject = RandomProgram(seed: seed)
    var program = subject.program
    program.outputs = program.outputs.filter { $0.name == "loss" }
    var checker = GradientChecker()
    checker.elementLimit = 12
    let report = try checker.check(program, inputs: subject.inputs, symbols: subject.symbols)
    #expect(report.passes, "\(report)\n\(ProgramPrinter().print(program))")
    #expect(report.targets.contains { $0.largestGradient > 1e-3 })
  }

  @Test(arguments: seeds) func textRoundTrips(_ seed: Int) throws {
    let subject = try RandomProgram(seed: seed).trainingStep()
    try subject.program.verify()
    let printer = ProgramPrinter(showsScopes: true)
    let text = printer.print(subject.program)
    let parsed = try ProgramParser.parse(text, registry: OpTable.registry)
    #expect(printer.print(parsed) == text)

    var (before, after) = (subject.symbols, subject.symbols)
    let expected = try ReferenceInterpreter.run(subject.program, inputs: subject.inputs, symbols: &before)
    let actual = try ReferenceInterpreter.run(parsed, inputs: subject.inputs, symbols: &after)
    #expect(actual == expected)
    #expect(after == before)
  }

  @Test func seedsGiveTheSameProgramAgainAndDifferentOnesApart() {
    let texts = Self.seeds.map { ProgramPrinter().print(RandomProgram(seed: $0).program) }
    #expect(ProgramPrinter().print(RandomProgram(seed: 7).program) == texts[7])
    let bodies = texts.map { $0.drop { $0 != "(" } }
    #expect(Set(bodies).count == texts.count)
  }

  @Test func programsUseTheWholeRangeOfOps() throws {
    var counts: [OpName: Int] = [:]
    for seed in Self.seeds {
      let operations = RandomProgram(seed: seed).program.operations
      #expect((5...75).contains(operations.count))
      for operation in operations { counts[OpName(operation.opCase), default: 0] += 1 }
    }
    let wanted: [OpName] = [
      .unary, .affine, .binary, .reshape, .transpose, .concat, .slice, .pad, .reduceSum, .broadcast, .matmul, .linear,
      .conv2D, .upsample, .groupNorm, .layerNorm, .rmsNorm, .softmax, .attention, .rotary, .embedding, .l2Normalize,
      .crossEntropy, .dropout,
    ]
    for name in wanted { #expect(counts[name, default: 0] >= 5, "\(name) is rare") }
  }

  @Test func trainingStepLowersTheLoss() throws {
    var lowered = 0
    for seed in 0..<20 {
      let subject = RandomProgram(seed: seed)
      let step = try subject.trainingStep()
      var symbols = step.symbols
      let before = try ReferenceInterpreter.run(step.program, inputs: step.inputs, symbols: &symbols)
      #expect(symbols["step"]?.integers == [3])
      let after = try ReferenceInterpreter.run(step.program, inputs: step.inputs, symbols: &symbols)
      if try #require(after["loss"]).reals[0] < #require(before["loss"]).reals[0] { lowered += 1 }
    }
    // One step of random moments may overshoot; most do not.
    #expect(lowered >= 12)
  }
}
