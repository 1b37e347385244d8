import IR
import Models
import Spec
import TestSupport
import Testing

@testable import Runtime

/// Whole programs of a small model on the runtime against the reference interpreter, operation by operation.
@Suite(.serialized) struct ModelProgramRunTests {
  static let pool = ThreadPool(threadCount: 2)
  static let spec = ModelSpec(
    name: "tiny", image: ImageSpec(size: 8),
    tokenizer: TokenizerSpec(
      encoder: EncoderSpec(channels: 6, multipliers: [1, 2], residualBlocks: 1, latentChannels: 6, normGroups: 3),
      adapter: AdapterSpec(layers: 1, heads: 2),
      codebooks: [CodebookSpec(name: "a", size: 19, dim: 3), CodebookSpec(name: "b", size: 7, dim: 3)],
      quantizer: QuantizerSpec(commitment: 0.25, entropy: EntropySpec(weight: 0.3, temperature: 0.5))),
    losses: LossesSpec(disentanglement: DisentanglementSpec(weight: 0.7)),
    generator: GeneratorSpec(layers: 2, width: 12, heads: 3, headLayers: 1))

  @Test(arguments: KernelSelection.available) func programsAgree(_ set: InstructionSet) throws {
    let generator = try #require(Generator(Self.spec, classes: 3))
    let all = [
      try Tokenizer(Self.spec).trainProgram(batch: 2, totalSteps: 9), Tokenizer(Self.spec).reconstructProgram(batch: 2),
      Tokenizer(Self.spec).decodeProgram(batch: 1),
      try generator.trainProgram(batch: 2, totalSteps: 9), generator.evaluateProgram(batch: 1),
      generator.prefillProgram(count: 2, guided: true), generator.stepProgram(count: 2, guided: true),
    ]
    for program in all {
      var random = RandomTensors(seed: 4)
      var inputs: [String: Tensor] = [:]
      for port in program.inputs {
        let type = program.type(of: port.value)
        inputs[port.name] = random.tensor(type, type.dtype == .i32 ? .integers(0..<3) : .signed)
      }
      if inputs["sampling"] != nil { inputs["sampling"] = Tensor(.f32(3), [0, 0, 1]) }
      let run = try RuntimeRun(program, inputs: inputs, symbols: random.symbols(of: program), on: set, pool: Self.pool)
      let failures = try StepwiseComparison(relative: 2e-5).run(run)
      #expect(failures.isEmpty, "\(program.name) on \(set): \(failures.joined(separator: "\n"))")
      let stepwise = run.results()
      #expect(try run.run().firstDifference(from: stepwise) == nil, "\(program.name): a second run differs")
    }
  }
}
