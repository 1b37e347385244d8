extension SpecSchema {
  static let data = Record<DataSpec>(
    "Where training images come from and how they are cut to size.", prototype: DataSpec(path: ""),
    fields: [
      Field(
        "path", \.path, .text, required: "images/train",
        synonyms: ["root", "dir", "directory", "folder", "data_path"],
        "Folder of images, one subfolder per class where there are classes; relative to the spec file."),
      Field(
        "crop", \.crop,
        .choice { crop in
          switch crop {
          case .random: "shorter side scaled to size / r, r uniform in [crop_range, 1], then a random window"
          case .center: "shorter side scaled to the size, then the middle"
          case .none: "images must already have the size"
          }
        }, synonyms: ["augment"], "How an image is cut to size."),
      Field(
        "crop_range", \.cropRange, .number(.aboveZeroToOne), synonyms: ["crop_scale", "min_crop"],
        "Lower end of the range of the random crop."),
      Field(
        "flip", \.flip, .flag, synonyms: ["hflip", "horizontal_flip", "random_flip", "mirror"],
        "Whether images are mirrored at random while training."),
      Field(
        "on_error", \.onError,
        .choice { policy in
          switch policy {
          case .skip: "leave the image out and count it"
          case .fail: "end the run with an error"
          }
        }, "What happens when an image cannot be read."),
    ])
}
