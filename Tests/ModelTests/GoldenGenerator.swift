import Autodiff
import IR
import Models
import Runtime
import Testing
import Training

extension GoldenCase {
  /// Runs the generator on the codes and labels of the case.
  ///
  /// - Returns: The program after its run, with the outputs `total`, `logits.<number of the codebook>` and
  ///   `grad.<parameter>`; and the parameters.
  func runGenerator(_ session: ModelSession) throws -> (executable: Executable, parameters: [Symbol]) {
    let model = try #require(Generator(spec, classes: classes))
    let books = spec.tokenizer.codebooks
    let shape = try cases.entry("ar.codes.1").shape

    let builder = ProgramBuilder(name: "generator.gradients")
    let context = GraphContext(builder: builder)
    let codes = books.map { builder.input("codes.\($0.name)", .i32(shape[0], shape[1])) }
    let labels = builder.input("labels", .i32(shape[0]))
    let logits = model.logits(context, codes: codes, labels: labels)
    let total = model.losses(context, logits: logits, codes: codes).total
    let parameters = builder.program.symbols.filter { $0.symbol.role == .parameter }
    let gradients = try ReverseMode.gradients(of: total, withRespectTo: parameters.map(\.value), in: builder)
    builder.output("total", total)
    for (index, value) in logits.enumerated() { builder.output("logits.\(index + 1)", value) }
    for (use, gradient) in zip(parameters, gradients) { builder.output("grad.\(use.symbol.name)", gradient) }

    let executable = try session.compile(builder.program)
    try load(session.store, generator)
    for (index, book) in books.enumerated() {
      _ = try executable.integerInput("codes.\(book.name)").update(from: cases.int32s("ar.codes.\(index + 1)"))
    }
    _ = try executable.integerInput("labels").update(from: cases.int32s("ar.labels"))
    executable.run()
    return (executable, parameters.map(\.symbol))
  }
}
