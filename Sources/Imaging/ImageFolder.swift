import Foundation
import Storage

/// Why a folder of pictures cannot be used.
public enum ImageFolderError: Error, Equatable, Sendable, CustomStringConvertible {
  /// There is nothing at the path, or it is not a folder.
  case notAFolder(path: String)
  /// A folder inside cannot be listed.
  case unreadable(path: String, reason: String)
  /// No PNG anywhere below; how many files of other picture formats there are.
  case noImages(path: String, otherFormats: Int)
  /// A picture whose size is not the one that is required.
  case wrongSize(path: String, width: Int, height: Int, required: Int)

  /// One line: the folder, what is wrong, and what to do.
  public var description: String {
    switch self {
    case .notAFolder(let path): return "\(path): no such folder"
    case .unreadable(let path, let reason): return "\(path): cannot be listed: \(reason)"
    case .noImages(let path, let others):
      let hint = others > 0 ? " (\(others) pictures of other formats: convert them to PNG)" : ""
      return "\(path): no PNG files in it or below\(hint)"
    case .wrongSize(let path, let width, let height, let required):
      return "\(path): the picture is \(width)x\(height), not \(required)x\(required)"
        + "; scale it, or let the spec crop ('crop: center')"
    }
  }
}

/// The pictures of a folder whose sub-folders are classes, each with all PNGs at any depth below it. A folder without
/// sub-folders that hold pictures is one class, named after itself. Classes and files are sorted by name, so indices and
/// labels are the same on every machine; hidden files and folders are passed over; links are followed, loops are not.
public struct ImageFolder: Sendable {
  /// One picture.
  public struct Sample: Equatable, Sendable {
    /// The path below the root.
    public let file: String
    /// The class, an index into `classes`.
    public let label: Int32
  }

  /// The root as given.
  public let path: String
  /// Names of the classes, in the order of their labels.
  public let classes: [String]
  /// The pictures: class by class, sorted by path within a class.
  public let samples: [Sample]
  /// Pictures per class.
  public let counts: [Int]
  /// PNGs beside the class folders: they belong to no class and are left out. Worth a warning where not 0.
  public let strayFiles: Int
  /// Sub-folders of the root without a PNG: no class is made of them. Worth a warning where not empty.
  public let emptyFolders: [String]
  /// Files of other picture formats, left out.
  public let otherFormats: Int

  /// Lists a folder; no picture is opened.
  /// - Throws: `ImageFolderError`.
  public init(path: String) throws(ImageFolderError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw .notAFolder(path: path)
    }
    var listing = FolderListing(root: path)
    let top = try listing.entries(of: "")
    var classes: [String] = []
    var samples: [Sample] = []
    var counts: [Int] = []
    var empty: [String] = []
    for folder in top.folders {
      let files = try listing.imagesBelow(folder)
      if files.isEmpty {
        empty.append(folder)
      } else {
        samples += files.map { Sample(file: $0, label: Int32(classes.count)) }
        classes.append(folder)
        counts.append(files.count)
      }
    }
    if classes.isEmpty {
      guard !top.images.isEmpty else { throw .noImages(path: path, otherFormats: listing.otherFormats) }
      classes = [(path as NSString).standardizingPath.split(separator: "/").last.map(String.init) ?? path]
      counts = [top.images.count]
      samples = top.images.map { Sample(file: $0, label: 0) }
      strayFiles = 0
    } else {
      strayFiles = top.images.count
    }
    self.path = path
    self.classes = classes
    self.samples = samples
    self.counts = counts
    emptyFolders = empty
    otherFormats = listing.otherFormats
  }

  /// The paths of all PNGs below a folder, relative to it, sorted; classes play no part.
  /// - Throws: `ImageFolderError`.
  public static func files(below path: String) throws(ImageFolderError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw .notAFolder(path: path)
    }
    var listing = FolderListing(root: path)
    let top = try listing.entries(of: "")
    var files = top.images
    for folder in top.folders { files += try listing.imagesBelow(folder) }
    guard !files.isEmpty else { throw .noImages(path: path, otherFormats: listing.otherFormats) }
    return files.sorted()
  }

  /// Number of pictures.
  public var count: Int { samples.count }

  /// The full path of a picture.
  /// - Precondition: `index` is in `0..<count`.
  public func file(_ index: Int) -> String { "\(path)/\(samples[index].file)" }

  /// Reads a picture and its label.
  /// - Throws: as `PNGReader.read`.
  public func sample(_ index: Int, reader: PNGReader = PNGReader()) throws -> (image: RGBImage, label: Int32) {
    (try reader.read(file(index)), samples[index].label)
  }
}
