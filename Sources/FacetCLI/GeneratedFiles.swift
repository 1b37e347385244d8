import IR
import Models
import Ops
import Spec
import Training
import Visualization

/// What `facet compile --write-generated` writes for a spec: the compiler explained by what it made of every program.
public enum GeneratedFiles {
  /// Optimized programs with more operations than this are described, not printed.
  static let largestPrinted = 400
  /// So are those of models with more parameters.
  static let largestModel = 25_000_000

  /// The file that belongs to no spec: the JSON Schema for editors.
  public static var schema: (path: String, contents: String) { ("spec.schema.json", JSONSchemaPrinter.text) }

  /// The files of a spec: paths below the folder, and contents.
  public static func files(_ spec: ModelSpec) throws -> [(path: String, contents: String)] {
    let programs = try ModelPrograms(spec)
    var files: [(path: String, contents: String)] = []
    var reports: [CompilationReport] = []
    for name in programs.names {
      let compiled = try ProgramCompiler(precision: OperandPrecision(spec.training.precision))
        .compile(programs.named(name))
      reports.append(CompilationReport(compiled))
      let optimized = compiled.plan.program
      if optimized.operations.count <= largestPrinted && compiled.plan.statistics.parameterCount <= largestModel {
        files.append(("\(spec.name)/\(name).ir", ProgramPrinter(showsScopes: true).print(optimized)))
      }
      if name == "tokenizer.reconstruct" || name == "generator.evaluate" {
        files.append(("\(spec.name)/\(name).svg", SVGRenderer.render(GraphModel(optimized, depth: 2))))
      }
    }
    let summary = CompilationTable(reports).text + "\n" + reports.map(\.planText).joined(separator: "\n")
    return [("\(spec.name)/plan.txt", summary)] + files
  }
}
