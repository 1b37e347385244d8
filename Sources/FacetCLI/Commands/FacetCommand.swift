import ArgumentParser

/// The root of all commands.
struct FacetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "facet",
    abstract: "Compiles, trains and runs factorized image tokenizers and generators described by a YAML spec.",
    version: "0.1.0",
    subcommands: [
      InitCommand.self, CheckCommand.self, CompileCommand.self, TrainCommand.self, ReconstructCommand.self,
      TokenizeCommand.self, DetokenizeCommand.self, GenerateCommand.self, EvaluateCommand.self, GraphCommand.self,
      SchemaCommand.self, ExplainCommand.self, BenchCommand.self, ImportCommand.self,
      ExportCommand.self,
    ])
}
