/// Where training images come from and how they are cut to the model's image size.
public struct DataSpec: Sendable, Equatable {
  /// How an image is cut to the model's square size.
  public enum Crop: String, Sendable, CaseIterable {
    /// The shorter side is scaled to size / r, r uniform in [crop_range, 1], and a random window is cut.
    case random
    /// The shorter side is scaled to the size and the middle is cut.
    case center
    /// Images must already have the model's size.
    case none
  }

  /// What happens when an image cannot be read.
  public enum ErrorPolicy: String, Sendable, CaseIterable {
    /// The image is left out and counted.
    case skip
    /// The run ends with an error.
    case fail
  }

  /// Folder of images, with one subfolder per class where there are classes. `SpecLoader` makes it absolute: a
  /// relative path in a file is meant relative to that file.
  public var path: String
  /// How an image is cut to size.
  public var crop: Crop
  /// Lower end of the range of the random crop, in (0, 1].
  public var cropRange: Double
  /// Whether images are mirrored at random while training.
  public var flip: Bool
  /// What happens when an image cannot be read.
  public var onError: ErrorPolicy

  /// Creates a data description; the defaults are the paper's.
  public init(
    path: String, crop: Crop = .random, cropRange: Double = 0.8, flip: Bool = true, onError: ErrorPolicy = .fail
  ) {
    self.path = path
    self.crop = crop
    self.cropRange = cropRange
    self.flip = flip
    self.onError = onError
  }
}
