extension SpecSchema {
  static let tokenizer = Record<TokenizerSpec>(
    "The factorized tokenizer: one encoder, one adapter and one codebook per factor, one decoder.",
    prototype: TokenizerSpec(encoder: EncoderSpec(channels: 0, multipliers: []), codebooks: []),
    fields: [
      Field(
        "encoder", \.encoder, encoder.rule, required: "{ channels: 128, multipliers: [1, 1, 2, 2, 4] }",
        "The convolutional encoder; the decoder mirrors it."),
      Field(
        "adapter", \.adapter, adapter.rule, synonyms: ["adapters", "heads"],
        "The transformer in front of each codebook, as wide as the encoder's last level."),
      Field(
        "codebooks", \.codebooks, .list(of: codebook.rule, count: 1...16),
        required: "[{ name: visual, size: 1024, dim: 8 }]", synonyms: ["codebook", "books", "embeddings"],
        "The sub-codebooks, in the order in which the decoder concatenates and the generator predicts them."),
      Field(
        "quantizer", \.quantizer, quantizer.rule, synonyms: ["vq"], "How latent vectors become codes, in all codebooks."
      ),
    ])

  static let encoder = Record<EncoderSpec>(
    "The convolutional encoder; the decoder mirrors it.",
    prototype: EncoderSpec(channels: 0, multipliers: []),
    fields: [
      Field(
        "channels", \.channels, .integer(1...8192), required: "128", synonyms: ["ch", "base_channels", "dim"],
        "Base channel count; level i has channels x multipliers[i] channels."),
      Field(
        "multipliers", \.multipliers, .list(of: .integer(1...64), count: 1...8), required: "[1, 1, 2, 2, 4]",
        synonyms: ["ch_mult", "encoder_ch_mult", "channel_multipliers", "mult"],
        "Channel multiplier of each level; n levels make 2^(n-1) pixels per token and axis."),
      Field(
        "residual_blocks", \.residualBlocks, .integer(1...16), synonyms: ["num_res_blocks", "blocks", "layers"],
        "ResNet blocks per encoder level; the decoder has one more."),
      Field(
        "latent_channels", \.latentChannels, .integer(1...8192), synonyms: ["z_channels", "z"],
        "Channels in front of each codebook's projection and of the decoder's input."),
      Field(
        "norm_groups", \.normGroups, .integer(1...1024), synonyms: ["groups", "num_groups"],
        "Groups of every GroupNorm; divides the channels of every level."),
      Field(
        "dropout", \.dropout, .number(.zeroToBelowOne), synonyms: ["dropout_p"],
        "Dropout inside the ResNet blocks while training."),
    ])

  static let adapter = Record<AdapterSpec>(
    "The pre-norm transformer in front of each codebook.", prototype: AdapterSpec(),
    fields: [
      Field(
        "layers", \.layers, .integer(1...128), synonyms: ["depth", "n_layer", "num_layers", "adapter_layers"],
        "Transformer blocks."),
      Field(
        "heads", \.heads, .integer(1...256), synonyms: ["n_head", "num_heads", "adapter_heads"],
        "Attention heads; divides the width of the encoder's last level."),
    ])

  static let codebook = Record<CodebookSpec>(
    "One sub-codebook.", prototype: CodebookSpec(name: "", size: 0),
    fields: [
      Field(
        "name", \.name, .name(.identifier), required: "visual", synonyms: ["id"],
        "Name, unique among the codebooks; names parameters, code files and metrics."),
      Field(
        "size", \.size, .integer(2...(1 << 24)), required: "16384",
        synonyms: ["entries", "codebook_size", "n_embed", "num_embeddings", "num_codes"], "Number of entries."),
      Field(
        "dim", \.dim, .integer(1...4096), synonyms: ["codebook_dim", "codebook_embed_dim", "embed_dim", "dimension"],
        "Dimension of an entry."),
      Field(
        "teacher", optional: \.teacher, .name(.identifier), absent: "the codebook is not supervised",
        synonyms: ["supervision", "distill"], "Name of the teacher whose class feature the codes predict."),
      Field(
        "levels", \.levels, .list(of: .integer(2...4096), count: 0...16), synonyms: ["fsq_levels"],
        "Levels of each dimension, for quantizers of kind `fsq`; as many as `dim`, with the product `size`."),
    ])

  static let quantizer = Record<QuantizerSpec>(
    "How latent vectors become codes, in all codebooks.", prototype: QuantizerSpec(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .vq: "learned vectors, one codebook per factor"
          case .residual: "learned vectors; each codebook quantizes what those before it left (RQ)"
          case .fsq: "the points of a fixed grid (FSQ)"
          case .lfq: "the corners of a cube (LFQ)"
          }
        }, synonyms: ["type", "quantizer_type"], "What the entries are."),
      Field(
        "normalize", \.normalize, .flag, synonyms: ["l2_norm", "codebook_l2_norm", "use_cosine_sim"],
        "Whether latents and entries are scaled to unit length; off by default for all kinds but `vq`."),
      Field(
        "gradient", \.gradient,
        .choice { gradient in
          switch gradient {
          case .straightThrough: "as if the entry were the latent"
          case .rotation: "through the rotation and scaling that take the latent to the entry"
          }
        }, synonyms: ["estimator", "rotation_trick"], "How the gradient passes the choice of an entry."),
      Field(
        "start", \.start,
        .choice { start in
          switch start {
          case .uniform: "random"
          case .kmeans: "ten rounds of k-means on the first batches: eight latents per entry, or 32 batches"
          }
        }, synonyms: ["init", "kmeans_init"], "How learned entries begin."),
      Field(
        "ema", \.ema, .number(.zeroToBelowOne), synonyms: ["decay", "ema_decay"],
        "Decay of the moving averages that learned entries follow; 0 learns them by gradient."),
      Field(
        "restart", \.restart, restart.rule, synonyms: ["dead_codes", "threshold_ema_dead_code"],
        "Replacement of entries that are hardly hit."),
      Field(
        "commitment", \.commitment, .number(.nonNegative), synonyms: ["beta", "commit_loss_beta", "commitment_weight"],
        "Weight of the commitment loss; 0 by default for `fsq`."),
      Field(
        "entropy", \.entropy, entropy.rule, synonyms: ["entropy_loss"],
        "The entropy loss, which keeps codes in use."),
      Field(
        "perturbation", optional: \.perturbation, perturbation.rule, absent: "the decoder sees the codes as chosen",
        synonyms: ["latent_perturbation", "perturb", "code_noise"],
        "Codes replaced by near ones at random while training, so that the decoder bears a generator's errors."),
    ])

  static let perturbation = Record<PerturbationSpec>(
    "Codes replaced by near ones at random while training. Losses of the quantizer keep the codes that were chosen.",
    prototype: PerturbationSpec(),
    fields: [
      Field(
        "images", \.images, .number(.aboveZeroToOne), synonyms: ["beta", "proportion"],
        "Share of images that are disturbed."),
      Field(
        "tokens", \.tokens, .number(.aboveZeroToOne), synonyms: ["alpha", "rate"],
        "Share of the codes of a disturbed image that are replaced, each drawn by itself."),
      Field(
        "nearest", \.nearest, .integer(1...(1 << 24)), synonyms: ["delta", "top_k", "strength"],
        "A code is replaced by one of this many entries next to its own, all alike likely."),
      Field(
        "schedule", \.schedule, weightScheduleRecord.rule, synonyms: ["anneal"], "How `tokens` changes over the run."),
    ])

  static let restart = Record<RestartSpec>(
    "Replacement of entries that are hardly hit by random latents of the batch.", prototype: RestartSpec(),
    fields: [
      Field(
        "every", \.every, .integer(0...1_000_000_000), synonyms: ["interval"],
        "Steps between replacements; 0 for none."),
      Field("after", \.after, .integer(0...1_000_000_000), synonyms: ["start"], "First step of a replacement."),
      Field(
        "threshold", \.threshold, .number(.positive), synonyms: ["min_count"],
        "Entries hit less often than this per step, on a moving average, are replaced."),
    ])

  static let entropy = Record<EntropySpec>(
    "The entropy loss: mean entropy per token minus the entropy of the mean.", prototype: EntropySpec(),
    fields: [
      Field(
        "weight", \.weight, .number(.nonNegative), synonyms: ["ratio", "entropy_loss_ratio"],
        "Weight of the loss; 0, which is the default of `fsq`, turns it off."),
      weightSchedule(\.schedule),
      Field(
        "temperature", \.temperature, .number(.positive), synonyms: ["temp", "tau"],
        "Temperature of the softmax over negative squared distances."),
    ])
}
