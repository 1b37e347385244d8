import Diagnostics

/// Rates and freezes name parts of their own stage, and leave something to train.
enum TrainedPartsCheck: SpecCheck {
  static let reads = ["training", "tokenizer.codebooks", "tokenizer.quantizer", "losses.representation"]

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let stages = [
      ("training.tokenizer", spec.training.tokenizer, true),
      ("training.generator", spec.training.generator.stage, false),
    ]
    return stages.flatMap { path, stage, isTokenizer -> [Diagnostic] in
      let named =
        stage.rates.enumerated().map { ("\(path).rates[\($0.offset)].part", $0.element.part) }
        + stage.freeze.enumerated().map { ("\(path).freeze[\($0.offset)]", $0.element) }
      let own = ModelPart.allCases.filter { $0.isOfTokenizer == isTokenizer }
      var found = named.filter { $0.1.isOfTokenizer != isTokenizer }.map { place, part in
        finding(
          "`\(part.rawValue)` is not trained in this stage", [Involved(place, "belongs to the other stage")], places,
          help: ["write \(SpecShape.alternatives(own.map { "`\($0.rawValue)`" }))"])
      }
      if Set(own).isSubset(of: stage.freeze) {
        found.append(
          finding("every part is frozen", [Involved("\(path).freeze", "nothing is left to train")], places))
      } else if isTokenizer, spec.partsTrainedByGradient.isSubset(of: stage.freeze) {
        let rest = own.filter { !stage.freeze.contains($0) }.map { "`\($0.rawValue)`" }
        found.append(
          finding(
            "every part that learns by gradient is frozen", [Involved("\(path).freeze", "nothing is left to train")],
            places, notes: ["in this spec nothing learns by gradient in \(rest.joined(separator: " and "))"]))
      }
      if stage.batch % stage.accumulate != 0 {
        found.append(
          finding(
            "a batch of \(stage.batch) does not divide into \(stage.accumulate) parts",
            [Involved("\(path).accumulate", "\(stage.accumulate) parts"), Involved("\(path).batch", "\(stage.batch)")],
            places,
            help: ["write `accumulate: \(Nearest.words(Nearest.divisors(of: stage.batch, around: stage.accumulate)))`"])
        )
      }
      return found
    }
  }

  static let kind = DiagnosticKind(
    "F0321", "rates, freezes or accumulation that do not fit the stage",
    explanation: """
      `rates` and `freeze` name parts of the model that the stage trains: encoder, adapter, codebook, decoder and
      prediction for the tokenizer; embedding, backbone, head and output for the generator. `accumulate` divides a batch
      evenly.
      """,
    wrong: .text(DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { freeze: [backbone] } }"),
    right: DiagnosticKind.smallestSpec + "\ntraining: { tokenizer: { freeze: [encoder] } }")
}
