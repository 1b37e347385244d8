import Autodiff
import IR
import Models
import Runtime
import Spec
import TestSupport
import Testing
import Training

extension GoldenCase {
  /// Forward pass, every loss and every gradient of the tokenizer, with the outputs `reconstruction`, `total`,
  /// `loss.<term>`, `head.<suffix>`, `quantized.<suffix>`, `indices.<suffix>` and `grad.<parameter>`.
  func tokenizerProgram() throws -> (program: Program, parameters: [Symbol]) {
    let batch = try cases.entry("image").shape[0]
    let builder = ProgramBuilder(name: "tokenizer.gradients")
    let context = GraphContext(builder: builder)
    let input = builder.input("image", model.imageType(batch: batch))
    var features: [String: ValueID] = [:]
    for (name, width) in teachers { features[name] = builder.input("teacher.\(name)", .f32(batch, width)) }
    let forward = model.forward(context, image: input)
    let terms = model.losses(context, forward, image: input, teachers: features)
    let total = model.total(context, terms)
    let parameters = builder.program.symbols.filter { $0.symbol.role == .parameter }
    let gradients = try ReverseMode.gradients(of: total, withRespectTo: parameters.map(\.value), in: builder)
    builder.output("reconstruction", forward.reconstruction)
    builder.output("total", total)
    for term in terms { builder.output("loss.\(term.name)", term.value) }
    for (suffix, (feature, quantized)) in zip(suffixes, zip(forward.features, forward.quantized)) {
      builder.output("head.\(suffix)", feature)
      builder.output("quantized.\(suffix)", quantized.straightThrough)
      builder.output("indices.\(suffix)", quantized.indices)
    }
    for (use, gradient) in zip(parameters, gradients) { builder.output("grad.\(use.symbol.name)", gradient) }
    return (builder.program, parameters.map(\.symbol))
  }

  /// The inputs of `tokenizerProgram`, by name.
  func tokenizerInputs() throws -> [String: [Float]] {
    var inputs = ["image": try channelsLast("image")]
    for name in teachers.keys { inputs["teacher.\(name)"] = try cases.floats("teacher.\(name)") }
    return inputs
  }

  /// `tokenizerProgram` after its run by the runtime.
  func runTokenizer(precision: TrainingSpec.Precision) throws -> Executable {
    var spec = spec
    spec.training.precision = precision
    let session = try ModelSession(spec)
    let executable = try session.compile(tokenizerProgram().program)
    try load(session.store, tokenizer)
    for (name, values) in try tokenizerInputs() { _ = try executable.input(name).update(from: values) }
    executable.run()
    return executable
  }

  /// The outputs of `tokenizerProgram` in double precision, and its parameters.
  func runTokenizerInDoublePrecision() throws -> (outputs: [String: Tensor], parameters: [Symbol]) {
    let (program, parameters) = try tokenizerProgram()
    let store = ParameterStore(seed: 0)
    try store.add(program)
    try load(store, tokenizer)
    var symbols: [String: Tensor] = [:]
    for use in program.symbols {
      let values = try #require(store.floats(use.symbol.name))
      symbols[use.symbol.name] = Tensor(use.symbol.type, values.map(Double.init))
    }
    var inputs: [String: Tensor] = [:]
    for (name, values) in try tokenizerInputs() {
      let port = try #require(program.inputs.first { $0.name == name })
      inputs[name] = Tensor(program.type(of: port.value), values.map(Double.init))
    }
    return (try ReferenceInterpreter.run(program, inputs: inputs, symbols: &symbols), parameters)
  }
}
