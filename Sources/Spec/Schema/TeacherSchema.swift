extension SpecSchema {
  static let teacher = Record<TeacherSpec>(
    "A frozen network whose class feature supervises codebooks.",
    prototype: TeacherSpec(name: "", kind: .clipViT, weights: "", width: 0),
    fields: [
      Field(
        "name", \.name, .name(.identifier), required: "clip", synonyms: ["id"],
        "Name, by which codebooks choose it."),
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .clipViT: "the vision transformer of CLIP (quick-GELU), of any size"
          case .dinov2: "DINOv2 (GELU, layer scale where the weights have one, interpolated positions), of any size"
          }
        }, required: "clip-vit", synonyms: ["type", "model"], "Architecture and names of the weights."),
      Field(
        "weights", \.weights, .text, required: "clip-vit-large-patch14.safetensors",
        synonyms: ["path", "file", "checkpoint"],
        "Safetensors file in the names of the public checkpoints; relative to the spec file."),
      Field(
        "width", \.width, .integer(8...65536), required: "1024", synonyms: ["dim", "hidden_size"],
        "Width of the class feature, which the weights must have; known before the file is there."),
      Field(
        "size", \.size, .integer(8...2048), synonyms: ["image_size", "resolution"],
        "Pixels per side of the images that it looks at (nearest resize)."),
      Field(
        "cache", \.cache, .flag, "Whether features are kept per image view, in memory and in the run's folder."),
      Field(
        "activation", optional: \.activation,
        .choice { activation in
          switch activation {
          case .quickGELU: "x sigmoid(1.702 x)"
          case .gelu: "GELU by the error function, as in CLIP models of other makers than OpenAI"
          }
        }, absent: "`quick_gelu` for `clip-vit`, `gelu` for `dinov2`", synonyms: ["hidden_act", "act"],
        "Nonlinearity of its MLPs, which weights do not tell."),
    ])

  static let representation = Record<RepresentationSpec>(
    "Prediction of the teachers' features by the codebooks that name a teacher.", prototype: RepresentationSpec(),
    fields: [
      Field(
        "kind", \.kind,
        .choice { kind in
          switch kind {
          case .contrast: "cross-entropy of the own image's feature among those of the batch"
          case .cosine: "1 - cosine of prediction and feature"
          }
        }, synonyms: ["loss", "type"], "How a prediction is compared with the feature."),
      Field(
        "weight", \.weight, .number(.nonNegative), synonyms: ["semantic_weight", "with_clip_supervision"],
        "Weight of the loss."),
      weightSchedule(\.schedule),
      Field(
        "temperature", \.temperature, .number(.positive), synonyms: ["temp", "tau"],
        "Temperature of the contrast; the paper's is 1."),
      Field(
        "layers", \.layers, .integer(1...128), synonyms: ["depth"], "Transformer blocks of a prediction head."),
      Field(
        "heads", \.heads, .integer(1...256), synonyms: ["num_heads"],
        "Attention heads of a prediction head; divides the teacher's width."),
    ])
}
