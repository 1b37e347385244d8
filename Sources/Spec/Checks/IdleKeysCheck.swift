import Diagnostics

/// Keys that are written but change nothing, because of what other keys say. Values that are the defaults are passed
/// over: a complete spec has them all.
enum IdleKeysCheck: SpecCheck {
  static let reads = [
    "tokenizer.codebooks", "tokenizer.quantizer", "losses", "data", "training", "generator", "sampling",
  ]

  /// A key without effect, and what takes it away.
  private struct Idle {
    var path: String
    var cause: Involved

    init(_ path: String, _ cause: String, _ text: String) {
      self.path = path
      self.cause = Involved(cause, text)
    }
  }

  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic] {
    let idle =
      schedules(spec) + quantizer(spec) + losses(spec) + data(spec) + generator(spec)
      + parts(spec, spec.training.tokenizer, "training.tokenizer")
      + parts(spec, spec.training.generator.stage, "training.generator")
    return idle.map {
      finding(
        "`\($0.path)` has no effect", [Involved($0.path, "changes nothing"), $0.cause], places,
        help: ["remove it, or change `\($0.cause.path)`"])
    }
  }

  private static func schedules(_ spec: ModelSpec) -> [Idle] {
    let fresh = WeightSchedule()
    return spec.weightSchedules.flatMap { owner, schedule -> [Idle] in
      let path = "\(owner).schedule"
      var idle: [Idle] = []
      func note(_ isSet: Bool, _ key: String, _ cause: String, _ text: String) {
        if isSet { idle.append(Idle("\(path).\(key)", cause, text)) }
      }
      let kind = "`\(schedule.kind.rawValue)`"
      switch schedule.kind {
      case .constant:
        note(schedule.from != fresh.from, "from", "\(path).kind", kind)
        note(schedule.start != fresh.start, "start", "\(path).kind", kind)
        note(schedule.steps != fresh.steps, "steps", "\(path).kind", kind)
      case .step:
        note(schedule.steps != fresh.steps, "steps", "\(path).kind", kind)
      case .linear, .cosine: break
      }
      if schedule.kind != .constant, schedule.from > 0, case .steps(let steps) = spec.training.tokenizer.length {
        note(!schedule.begins(within: steps), "start", "training.tokenizer.steps", "ends before, after \(steps) steps")
      }
      return idle
    }
  }

  private static func quantizer(_ spec: ModelSpec) -> [Idle] {
    let (quantizer, path) = (spec.tokenizer.quantizer, "tokenizer.quantizer")
    let (restart, fresh) = (quantizer.restart, RestartSpec())
    var idle: [Idle] = []
    if restart.every == 0 {
      if restart.after != fresh.after { idle.append(Idle("\(path).restart.after", "\(path).restart.every", "0: none")) }
      if restart.threshold != fresh.threshold {
        idle.append(Idle("\(path).restart.threshold", "\(path).restart.every", "0: none"))
      }
    } else if case .steps(let steps) = spec.training.tokenizer.length, restart.after >= steps {
      idle.append(
        Idle("\(path).restart.every", "\(path).restart.after", "step \(restart.after) of a run of \(steps) steps"))
    }
    if let place = spec.training.tokenizer.freeze.firstIndex(of: .codebook) {
      let cause = "training.tokenizer.freeze[\(place)]"
      if quantizer.ema > 0 { idle.append(Idle("\(path).ema", cause, "keeps the entries")) }
      if restart.every > 0 { idle.append(Idle("\(path).restart.every", cause, "keeps the entries")) }
    }
    return idle
  }

  private static func losses(_ spec: ModelSpec) -> [Idle] {
    let (representation, path) = (spec.losses.representation, "losses.representation")
    var idle: [Idle] = []
    if !spec.tokenizer.codebooks.contains(where: { $0.teacher != nil }) {
      if representation != RepresentationSpec(), representation.weight > 0 {
        idle.append(Idle(path, "tokenizer.codebooks", "none has a `teacher`"))
      }
    } else if representation.kind == .cosine, representation.temperature != RepresentationSpec().temperature {
      idle.append(Idle("\(path).temperature", "\(path).kind", "`cosine`"))
    }
    let disentanglement = spec.losses.disentanglement
    if spec.tokenizer.codebooks.count == 1, disentanglement.weight > 0, disentanglement != DisentanglementSpec() {
      idle.append(Idle("losses.disentanglement", "tokenizer.codebooks", "one has no other to differ from"))
    }
    return idle
  }

  private static func parts(_ spec: ModelSpec, _ stage: StageSpec, _ path: String) -> [Idle] {
    let trained = spec.partsTrainedByGradient
    return stage.rates.enumerated().compactMap { index, rate -> Idle? in
      let place = "\(path).rates[\(index)]"
      if let later = stage.rates.lastIndex(where: { $0.part == rate.part }), later > index {
        return Idle(place, "\(path).rates[\(later)]", "is of the same part, and counts")
      }
      if let frozen = stage.freeze.firstIndex(of: rate.part) {
        return Idle(place, "\(path).freeze[\(frozen)]", "is not trained")
      }
      guard rate.part.isOfTokenizer, !trained.contains(rate.part) else { return nil }
      return rate.part == .codebook
        ? Idle(place, "tokenizer.quantizer", "entries are not learned by gradient")
        : Idle(place, "tokenizer.codebooks", "none predicts a teacher's feature")
    }
  }

  private static func data(_ spec: ModelSpec) -> [Idle] {
    guard let data = spec.data, data.crop != .random, data.cropRange != DataSpec(path: "").cropRange else { return [] }
    return [Idle("data.crop_range", "data.crop", "`\(data.crop.rawValue)`")]
  }

  private static func generator(_ spec: ModelSpec) -> [Idle] {
    guard spec.generator == nil else { return [] }
    let idle = [
      ("training.generator", spec.training.generator != GeneratorTrainingSpec()),
      ("sampling", spec.sampling != SamplingSpec()),
    ]
    return idle.filter(\.1).map { Idle($0.0, "generator", "the spec describes a tokenizer only") }
  }

  static let kind = DiagnosticKind(
    "F0326", "a key without effect", severity: .warning,
    explanation: """
      Other keys take the effect from this one: a weight's schedule that is `constant` does not look at `from`, `start`
      and `steps`; restarts that never come have no threshold; a part that is frozen, or that moving averages change, has
      no learning rate; the cosine to a teacher has no temperature.
      """,
    wrong: .text(
      DiagnosticKind.smallestSpec + "\nlosses: { reconstruction: { schedule: { from: 2, steps: 1000 } } }"),
    right: DiagnosticKind.smallestSpec
      + "\nlosses: { reconstruction: { schedule: { kind: linear, from: 2, steps: 1000 } } }")
}

extension ModelSpec {
  /// The parts of the tokenizer that this spec has and that learn by gradient.
  var partsTrainedByGradient: Set<ModelPart> {
    var parts: Set<ModelPart> = [.encoder, .adapter, .decoder]
    let quantizer = tokenizer.quantizer
    if (quantizer.kind == .vq || quantizer.kind == .residual) && quantizer.ema == 0 { parts.insert(.codebook) }
    if losses.representation.weight > 0, tokenizer.codebooks.contains(where: { $0.teacher != nil }) {
      parts.insert(.prediction)
    }
    return parts
  }
}
