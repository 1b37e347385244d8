import Foundation
import Imaging
import Training

/// Pictures named on the command line, files and folders, read one batch at a time.
struct InputPictures {
  /// One picture: where it is, and its name below the output folder.
  struct File {
    var path: String
    var name: String
  }

  /// The pictures in the order given, folders sorted.
  let files: [File]

  /// Lists files and folders; folders are walked to any depth.
  init(_ paths: [String]) throws {
    var files: [File] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw Refusal.usage("\(path): there is no such file or folder")
      }
      if isFolder.boolValue {
        files += try ImageFolder.files(below: path).map { File(path: "\(path)/\($0)", name: $0) }
      } else {
        files.append(File(path: path, name: (path as NSString).lastPathComponent))
      }
    }
    self.files = Self.distinct(files)
  }

  /// Two files of one name from different folders would overwrite each other; later ones get a number.
  private static func distinct(_ files: [File]) -> [File] {
    var taken: Set<String> = []
    return files.map { file in
      let base = (file.name as NSString).deletingPathExtension
      var (name, number) = (base + ".png", 2)
      while !taken.insert(name).inserted {
        name = "\(base)-\(number).png"
        number += 1
      }
      return File(path: file.path, name: name)
    }
  }

  /// Calls `body` with up to `batch` readable pictures at a time, cut to the model's size; the others are reported.
  ///
  /// - Returns: Number of files that could not be read.
  func forEachBatch(
    of batch: Int, model: TrainedModel, _ body: (_ files: [File], _ images: [Image]) throws -> Void
  ) throws -> Int {
    var failures = 0
    try files.forEachBatch(of: batch) {
      [try model.image($0.path)]
    } onUnreadable: {
      Console.complaint("facet: \($0)")
      failures += 1
    } body: {
      try body($0.map(\.element), $0.map(\.value))
    }
    return failures
  }
}

/// Writes pictures into an output folder, creating sub-folders as names demand.
enum PictureOutput {
  /// Writes one picture and returns its path.
  @discardableResult
  static func write(_ image: Image, name: String, in folder: String) throws -> String {
    let path = "\(folder)/\(name)"
    let parent = (path as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try PNGWriter.write(image, to: path)
    return path
  }
}
