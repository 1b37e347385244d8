import Foundation
import Imaging
import TestSupport
import Testing

extension TemporaryFolder {
  /// Writes a picture that is told apart by its first sample, making folders as needed.
  func addPicture(_ name: String, red: UInt8 = 0, side: Int = 4) throws {
    let folder = (file(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let bytes = (0..<side * side).flatMap { _ in [red, 0, 0] as [UInt8] }
    try PNGWriter.write(RGBImage(width: side, height: side, bytes: bytes), to: file(name))
  }

  func addFile(_ name: String) throws {
    let folder = (file(name) as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    _ = try write(Array("not a picture".utf8), name)
  }
}

@Suite struct ImageFolderTests {
  @Test func subFoldersAreClassesInOrderOfName() throws {
    let folder = try TemporaryFolder()
    for name in ["b/2.png", "b/1.PNG", "a/deep/er/z.png", "a/y.png", "c/only.Png"] { try folder.addPicture(name) }
    try folder.addFile("a/.hidden.png")
    try folder.addFile(".cache/x.png")
    try folder.addFile("a/notes.txt")
    try folder.addFile("a/photo.JPG")
    try folder.addFile("empty/readme.md")
    try folder.addPicture("stray.png")
    let images = try ImageFolder(path: folder.path)
    #expect(images.classes == ["a", "b", "c"])
    #expect(images.counts == [2, 2, 1])
    #expect(images.samples.map(\.file) == ["a/deep/er/z.png", "a/y.png", "b/1.PNG", "b/2.png", "c/only.Png"])
    #expect(images.samples.map(\.label) == [0, 0, 1, 1, 2])
    #expect(images.strayFiles == 1)
    #expect(images.emptyFolders == ["empty"])
    #expect(images.otherFormats == 1)
    #expect(try images.sample(4).label == 2)
  }

  @Test func aFlatFolderIsOneClass() throws {
    let folder = try TemporaryFolder()
    try folder.addPicture("flowers/b.png")
    try folder.addPicture("flowers/a.png")
    for path in [folder.file("flowers"), folder.file("flowers/")] {
      let images = try ImageFolder(path: path)
      #expect(images.classes == ["flowers"] && images.counts == [2] && images.strayFiles == 0)
      #expect(try images.sample(0).image.width == 4)
    }
  }

  @Test func linksAreFollowedAndLoopsAreNot() throws {
    let folder = try TemporaryFolder()
    try folder.addPicture("a/x.png")
    let files = FileManager.default
    try files.createSymbolicLink(atPath: folder.file("b"), withDestinationPath: folder.file("a"))
    try files.createSymbolicLink(atPath: folder.file("a/self"), withDestinationPath: folder.file("a"))
    try files.createSymbolicLink(atPath: folder.file("a/root"), withDestinationPath: folder.path)
    try files.createSymbolicLink(atPath: folder.file("nowhere"), withDestinationPath: folder.file("absent"))
    let images = try ImageFolder(path: folder.path)
    #expect(images.samples.map(\.file) == ["a/x.png", "b/x.png"])
  }

  @Test func unusableFoldersAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ImageFolderError.notAFolder(path: folder.file("absent"))) {
      _ = try ImageFolder(path: folder.file("absent"))
    }
    try folder.addFile("photos/a.jpg")
    #expect(throws: ImageFolderError.notAFolder(path: folder.file("photos/a.jpg"))) {
      _ = try ImageFolder(path: folder.file("photos/a.jpg"))
    }
    let error = #expect(throws: ImageFolderError.self) { _ = try ImageFolder(path: folder.path) }
    #expect(
      error?.description
        == "\(folder.path): no PNG files in it or below (1 pictures of other formats: convert them to PNG)")
  }

  @Test(.enabled(if: geteuid() != 0, "permissions do not bind root"))
  func aFolderThatCannotBeListedIsAnError() throws {
    let folder = try TemporaryFolder()
    try folder.addPicture("a/x.png")
    #expect(chmod(folder.file("a"), 0) == 0)
    defer { chmod(folder.file("a"), 0o700) }
    let error = #expect(throws: ImageFolderError.self) { _ = try ImageFolder(path: folder.path) }
    #expect(error?.description == "\(folder.file("a")): cannot be listed: Permission denied")
  }

  @Test func theShippedDataSetReads() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let images = try ImageFolder(path: root.appendingPathComponent("specs/data/clipart64").path)
    #expect(images.count == 641 && images.classes.count == 10)
    #expect(images.counts == [72, 49, 66, 72, 72, 72, 72, 70, 43, 53])
    for index in 0..<images.count {
      let image = try images.sample(index).image
      #expect(image.width == 64 && image.height == 64)
    }
  }
}
