extension SpecSchema {
  static let generator = Record<GeneratorSpec>(
    "The autoregressive generator: a causal backbone over token positions, a factorized head over codebooks.",
    prototype: GeneratorSpec(layers: 0, width: 0, heads: 0),
    fields: [
      Field(
        "layers", \.layers, .integer(1...512), required: "24", synonyms: ["depth", "n_layer", "num_layers"],
        "Transformer blocks of the backbone."),
      Field(
        "width", \.width, .integer(4...65536), required: "1024",
        synonyms: ["dim", "embed_dim", "n_embd", "hidden_size", "d_model"], "Model width."),
      Field(
        "heads", \.heads, .integer(1...1024), required: "16", synonyms: ["n_head", "num_heads"],
        "Attention heads; width / heads is a multiple of 4 (2-D rotary embedding)."),
      Field(
        "head_layers", \.headLayers, .integer(1...128), synonyms: ["factorized_n_layer", "num_head_layers"],
        "Transformer blocks of the factorized head."),
      Field(
        "dropout", \.dropout, .number(.zeroToBelowOne), synonyms: ["resid_dropout_p", "ffn_dropout_p", "dropout_p"],
        "Residual and feed-forward dropout while training."),
      Field(
        "token_dropout", \.tokenDropout, .number(.zeroToBelowOne), synonyms: ["token_dropout_p"],
        "Probability of dropping a token embedding while training."),
      Field(
        "label_dropout", \.labelDropout, .number(.zeroToBelowOne), synonyms: ["class_dropout_prob", "cfg_dropout"],
        "Probability of replacing a label by the null class while training (classifier-free guidance)."),
      Field(
        "classes", optional: \.classes, .integer(1...1_000_000), absent: "the number of class folders of the data",
        synonyms: ["num_classes", "n_classes"], "Number of classes, without the null class."),
    ])

  static let sampling = Record<SamplingSpec>(
    "How codes are sampled from the generator.", prototype: SamplingSpec(),
    fields: [
      Field(
        "guidance", \.guidance, .number(.nonNegative), synonyms: ["cfg", "cfg_scale", "guidance_scale"],
        "Scale s of classifier-free guidance, u + s (c - u); 1 turns it off."),
      Field(
        "temperature", \.temperature, .number(.nonNegative), synonyms: ["temp"],
        "Softmax temperature; 0 takes the most likely code."),
      Field("top_k", \.topK, .integer(0...(1 << 24)), synonyms: ["k"], "Keep the k most likely codes; 0 keeps all."),
      Field(
        "top_p", \.topP, .number(.aboveZeroToOne), synonyms: ["p", "nucleus"],
        "Keep the smallest set of codes whose probability reaches this share; 1 keeps all."),
    ])
}
