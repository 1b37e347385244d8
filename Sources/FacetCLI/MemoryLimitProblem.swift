import Diagnostics
import Planning
import Spec
import Training

/// A memory limit in which a training program cannot run.
enum MemoryLimitProblem {
  /// The error as a finding about the spec, at its `training.memory_limit` where it is written.
  static func failure(_ error: MemoryLimitError, spec path: String) -> SpecFailure {
    let place = SpecLoader.open(path: path).places.value("training.memory_limit")
    let label = place.map { Diagnostic.Label($0, "\(PlanPrinter.bytes(error.limit))") }
    return SpecFailure(diagnostics: [
      Diagnostic(
        kind, "\(error.program) cannot run in \(PlanPrinter.bytes(error.limit)), however much is recomputed", at: label,
        help: [
          "the smallest limit that works is \(error.smallestMebibytes) (MiB)",
          "a smaller batch needs less",
        ],
        fixIts: [])
    ])
  }

  static let kind = DiagnosticKind(
    "F0401", "the memory limit is too small",
    explanation: """
      `training.memory_limit` (or `--memory-limit`) makes the compiler recompute values instead of keeping them. Weights,
      optimizer state, gradients and the values that recomputation itself needs cannot be recomputed away, so there is a
      smallest limit.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\ntraining: { memory_limit: 1 }"),
    right: DiagnosticKind.smallestSpec + "\ntraining: { memory_limit: 4096 }")
}
