extension SpecSchema {
  static let training = Record<TrainingSpec>(
    "How both stages are trained.", prototype: TrainingSpec(),
    fields: [
      Field(
        "seed", \.seed, .integer(0...Int(UInt32.max)), synonyms: ["global_seed", "random_seed"],
        "Seed of initialization, data order, dropout and sampling."),
      Field(
        "memory_limit", optional: \.memoryLimit, .integer(1...1 << 30), absent: "as many as it needs",
        synonyms: ["max_memory", "memory"],
        "MiB that a training program may use, weights and optimizer state included; what does not fit is recomputed."),
      Field(
        "precision", \.precision,
        .choice { precision in
          switch precision {
          case .f32: "single precision"
          case .bf16: "bfloat16 where that is faster; weights, sums, norms, losses and updates stay single precision"
          case .strict:
            "single precision with sums of products in double precision: a third of the rounding, several times as slow"
          }
        }, synonyms: ["dtype", "mixed_precision", "amp"],
        "How operands of matrix products, convolutions and attention may be held while they are multiplied."),
      Field(
        "tokenizer", \.tokenizer, stage(.tokenizerDefault).rule, synonyms: ["stage1", "first_stage"],
        "First stage: the tokenizer."),
      Field(
        "generator", \.generator, generatorTraining.rule, synonyms: ["stage2", "second_stage"],
        "Second stage: the generator, on codes of the trained tokenizer."),
    ])

  static let generatorTraining = Record<GeneratorTrainingSpec>(
    "Training of the generator on the codes of crops of the images.", prototype: GeneratorTrainingSpec(),
    exclusive: lengthKeys,
    fields: stageFields.map { $0.lifted(through: \.stage) } + [
      Field(
        "crops", \.crops,
        .choice { crops in
          switch crops {
          case .single: "one centre crop"
          case .ten: "centre and four corners, each also mirrored"
          }
        }, "Which crops of an image are encoded into codes.")
    ])

  static func stage(_ prototype: StageSpec) -> Record<StageSpec> {
    Record<StageSpec>("Training of one stage.", prototype: prototype, exclusive: lengthKeys, fields: stageFields)
  }

  private static let lengthKeys = ["epochs", "steps"]

  private static let stageFields: [Field<StageSpec>] = [
    Field(
      "batch", \.batch, .integer(1...65536), synonyms: ["batch_size", "global_batch_size", "bs"],
      "Images (or code grids) per step."),
    Field(
      "epochs", optional: \.epochs, .integer(1...1_000_000), absent: "`steps` or the default length",
      synonyms: ["max_epochs", "num_epochs"], "Length in passes over the data; instead of `steps`."),
    Field(
      "steps", optional: \.steps, .integer(1...1_000_000_000), absent: "`epochs`",
      synonyms: ["max_steps", "iterations", "iters", "total_steps"],
      "Length in optimizer steps; instead of `epochs`."),
    Field(
      "accumulate", \.accumulate, .integer(1...1024),
      synonyms: ["gradient_accumulation_steps", "accumulate_grad_batches"],
      "Parts into which a batch is divided to save memory; their gradients are averaged."),
    Field(
      "rates", \.rates, .list(of: partRate.rule, count: 0...16), synonyms: ["param_groups", "lr_multipliers"],
      "Learning rates of parts of the model, as factors of the stage's."),
    Field(
      "freeze", \.freeze, .list(of: part, count: 0...16), synonyms: ["frozen", "freeze_modules"],
      "Parts of the model that are not trained."),
    Field("optimizer", \.optimizer, optimizer.rule, synonyms: ["optim"], "The optimizer."),
    Field(
      "schedule", \.schedule, schedule.rule, synonyms: ["scheduler", "lr_schedule", "lr_scheduler"],
      "How the learning rate changes over the stage."),
    Field(
      "clip", \.clip, .number(.nonNegative), synonyms: ["grad_clip", "max_grad_norm", "clip_grad", "clip_norm"],
      "Gradient norm above which gradients are scaled down; 0 turns clipping off."),
    Field(
      "ema", \.ema, .number(.zeroToBelowOne), synonyms: ["ema_decay"],
      "Decay of the moving average of the weights; 0 keeps none."),
    Field(
      "checkpoint_every", \.checkpointEvery, .integer(1...1_000_000_000), synonyms: ["ckpt_every", "save_every"],
      "Steps between checkpoints; one is always written at the end."),
    Field("log_every", \.logEvery, .integer(1...1_000_000_000), "Steps between two lines of metrics."),
    Field(
      "sample_every", \.sampleEvery, .integer(0...1_000_000_000), synonyms: ["vis_every"],
      "Steps between sample pictures; 0 writes none."),
  ]

  static let optimizer = Record<OptimizerSpec>(
    "An optimizer and its constants.", prototype: OptimizerSpec(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .adam: "Adam, without weight decay"
          case .adamw: "Adam with decoupled weight decay on matrices"
          }
        }, synonyms: ["type", "name"], "Which optimizer."),
      Field("learning_rate", \.learningRate, .number(.positive), synonyms: ["lr"], "Peak learning rate."),
      Field(
        "betas", \.betas, .list(of: .number(.zeroToBelowOne), count: 2...2), synonyms: ["beta", "beta1", "beta2"],
        "Decay of the first and of the second moment."),
      Field(
        "epsilon", \.epsilon, .number(.positive), synonyms: ["eps"], "Added to the root of the second moment."),
      Field(
        "weight_decay", \.weightDecay, .number(.nonNegative), synonyms: ["wd", "decay"],
        "Decoupled weight decay of `adamw`."),
    ])

  static let part = ValueRule<ModelPart>.choice { part in
    switch part {
    case .encoder: "the convolutional encoder"
    case .adapter: "the adapters and the heads in front of the codebooks"
    case .codebook: "the codebooks"
    case .decoder: "the decoder"
    case .prediction: "the heads that predict teachers' features"
    case .embedding: "embeddings of codes and classes"
    case .backbone: "the generator's backbone"
    case .head: "the generator's factorized head"
    case .output: "the generator's last norm and output matrices"
    }
  }

  static let partRate = Record<PartRate>(
    "The learning rate of a part.", prototype: PartRate(part: .encoder, factor: 1),
    fields: [
      Field("part", \.part, part, required: "decoder", synonyms: ["module", "name"], "The part."),
      Field(
        "factor", \.factor, .number(.positive), required: "0.1", synonyms: ["scale", "multiplier"],
        "Factor of the stage's learning rate."),
    ])

  static let schedule = Record<ScheduleSpec>(
    "How the learning rate changes over a stage.", prototype: ScheduleSpec(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .constant: "stays at the peak"
          case .cosine: "falls along half a cosine to `final` times the peak"
          }
        }, synonyms: ["type", "name"], "Shape after the warm-up."),
      Field(
        "warmup", \.warmup, .integer(0...1_000_000_000), synonyms: ["warmup_steps"],
        "Steps of linear warm-up from 0."),
      Field(
        "final", \.final, .number(.zeroToOne), synonyms: ["min_lr_ratio", "end", "final_fraction"],
        "Last learning rate as a fraction of the peak, for `cosine`."),
    ])
}

extension StageSpec {
  /// The length when it is given in epochs; setting nil changes nothing.
  var epochs: Int? {
    get { if case .epochs(let count) = length { count } else { nil } }
    set { if let newValue { length = .epochs(newValue) } }
  }

  /// The length when it is given in steps; setting nil changes nothing.
  var steps: Int? {
    get { if case .steps(let count) = length { count } else { nil } }
    set { if let newValue { length = .steps(newValue) } }
  }
}

extension OptimizerSpec {
  /// Both decays as a list of two, as a spec file has them.
  var betas: [Double] {
    get { [beta1, beta2] }
    set { if newValue.count == 2 { (beta1, beta2) = (newValue[0], newValue[1]) } }
  }
}
