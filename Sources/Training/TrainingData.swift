import Imaging
import Spec

/// A spec that cannot train as it stands, or training that went wrong.
public struct TrainingError: Error, CustomStringConvertible {
  /// What is missing or wrong, and what to do about it.
  public var description: String
}

/// The images of a spec.
public struct TrainingData {
  /// The folder and its classes.
  public let folder: ImageFolder
  private let spec: ModelSpec
  private let data: DataSpec

  /// Lists the images of a spec's `data` section, or of another folder, whose images are then always cropped to size.
  public init(_ spec: ModelSpec, path: String? = nil) throws {
    guard var data = spec.data ?? path.map({ DataSpec(path: $0) }) else {
      throw TrainingError(description: "the spec has no 'data' section, so there are no images")
    }
    if let path {
      data.path = path
      data.crop = .center
    }
    self.spec = spec
    self.data = data
    folder = try ImageFolder(path: data.path)
  }

  /// Number of classes of the generator.
  public var classCount: Int { spec.classCount(of: folder.classes) }

  /// Whether an image that cannot be read ends the run.
  public var failsOnError: Bool { data.onError == .fail }

  /// What is odd about the folder, in words.
  public var remarks: [String] {
    var remarks: [String] = []
    if folder.strayFiles > 0 {
      remarks.append("\(folder.path): \(folder.strayFiles) pictures lie beside the class folders and are left out")
    }
    if !folder.emptyFolders.isEmpty {
      remarks.append("\(folder.path): no PNG in \(folder.emptyFolders.joined(separator: ", ")): no classes")
    }
    if folder.otherFormats > 0 {
      remarks.append("\(folder.path): \(folder.otherFormats) pictures that are not PNG are left out")
    }
    return remarks
  }

  /// Random batches for training.
  public func training(batch: Int, onUnreadable: @escaping @Sendable (String, any Error) -> Void) -> BatchSource {
    let placement: SquareCrop.Placement
    switch data.crop {
    case .random: placement = .random(range: data.cropRange)
    case .center: placement = .center
    case .none: placement = .exact
    }
    let crop = SquareCrop(size: spec.image.size, placement: placement, flips: data.flip)
    var settings = BatchSettings(batch: batch, crop: crop)
    settings.seed = UInt64(bitPattern: Int64(spec.training.seed))
    settings.unreadable = failsOnError ? .fail : .skip
    return BatchSource(folder: folder, settings: settings, onUnreadable: onUnreadable)
  }

  /// The picture of a sample, whole.
  /// - Throws: as `PNGReader.read`; `ImageFolderError.wrongSize` under `crop: none`.
  public func picture(_ index: Int) throws -> RGBImage {
    let picture = try folder.sample(index).image
    let placement: SquareCrop.Placement = data.crop == .none ? .exact : .center
    try SquareCrop(size: spec.image.size, placement: placement).check(picture, path: folder.file(index))
    return picture
  }

  /// The picture of a sample, centre-cropped to the model's size.
  public func centered(_ index: Int) throws -> Image {
    SquareCrop.center(try picture(index), size: spec.image.size)
  }

  /// Indices of at most `count` samples at equal distances.
  public func spread(_ count: Int) -> [Int] {
    let count = min(count, folder.count)
    return (0..<count).map { $0 * folder.count / count }
  }
}

extension ModelSpec {
  /// Number of classes of the generator, over data of these classes.
  func classCount(of classes: [String]) -> Int { generator?.classes ?? classes.count }
}

extension StageSpec {
  /// Steps of the stage over `samples` samples.
  public func totalSteps(samples: Int) -> Int {
    switch length {
    case .steps(let steps): return steps
    case .epochs(let epochs): return max(1, (epochs * samples + batch - 1) / batch)
    }
  }
}
