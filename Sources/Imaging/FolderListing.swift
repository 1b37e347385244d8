import Foundation

/// Walks a tree of folders by name order, telling pictures from folders without opening a file.
struct FolderListing {
  let root: String
  /// Files of other picture formats met so far.
  private(set) var otherFormats = 0
  /// The folders being walked, from the root down, to notice a link that leads back into itself.
  private var ancestors: [FolderIdentity] = []

  private struct FolderIdentity: Equatable {
    let device: UInt64
    let node: UInt64
  }

  private static let otherExtensions: Set<String> = [
    "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff", "ppm", "pgm", "avif", "heic", "jp2",
  ]

  init(root: String) {
    self.root = root
    var status = stat()
    if stat(root, &status) == 0 {
      ancestors = [FolderIdentity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))]
    }
  }

  /// What lies directly in a folder, given by its path below the root: sub-folders and PNGs, both sorted.
  mutating func entries(of folder: String) throws(ImageFolderError) -> (folders: [String], images: [String]) {
    let path = folder.isEmpty ? root : "\(root)/\(folder)"
    guard let stream = opendir(path) else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    defer { closedir(stream) }
    var folders: [String] = []
    var images: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard !name.hasPrefix(".") else { continue }
      if isFolder(Int32(entry.pointee.d_type), "\(path)/\(name)") {
        folders.append(name)
      } else if let dot = name.lastIndex(of: ".") {
        let kind = name[name.index(after: dot)...].lowercased()
        if kind == "png" { images.append(folder.isEmpty ? name : "\(folder)/\(name)") }
        if FolderListing.otherExtensions.contains(kind) { otherFormats += 1 }
      }
      errno = 0
    }
    guard errno == 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    return (folders.sorted(), images.sorted())
  }

  /// All PNGs below a folder, as paths below the root, sorted.
  mutating func imagesBelow(_ folder: String) throws(ImageFolderError) -> [String] {
    var status = stat()
    guard stat("\(root)/\(folder)", &status) == 0 else {
      throw .unreadable(path: "\(root)/\(folder)", reason: String(cString: strerror(errno)))
    }
    let identity = FolderIdentity(device: UInt64(status.st_dev), node: UInt64(status.st_ino))
    guard !ancestors.contains(identity) else { return [] }
    ancestors.append(identity)
    defer { ancestors.removeLast() }
    let (folders, direct) = try entries(of: folder)
    var images = direct
    for inner in folders { images += try imagesBelow("\(folder)/\(inner)") }
    return images.sorted()
  }

  /// Most file systems tell the kind with the name; links, and file systems that do not, cost a look.
  private func isFolder(_ kind: Int32, _ path: String) -> Bool {
    if kind == Int32(DT_DIR) { return true }
    guard kind == Int32(DT_LNK) || kind == Int32(DT_UNKNOWN) else { return false }
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
