import Foundation
import Storage
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func replacesTheWholeContent() throws {
    let folder = try TemporaryFolder()
    try AtomicFile.write("first, and longer", to: folder.file("a.txt"))
    try AtomicFile.write("second", to: folder.file("a.txt"))
    #expect(try folder.text("a.txt") == "second")
    #expect(try folder.names() == ["a.txt"])
  }

  @Test func writesPiecesSmallAndLargeInOrder() throws {
    let folder = try TemporaryFolder()
    var expected: [UInt8] = []
    try AtomicFile.write(folder.file("a.bin")) { file in
      for (index, size) in [3, 300_000, 1, 262_144, 100_000, 262_143, 7].enumerated() {
        let piece = [UInt8](repeating: UInt8(index + 1), count: size)
        expected += piece
        try file.append(piece)
      }
    }
    #expect(try Array(Data(contentsOf: URL(fileURLWithPath: folder.file("a.bin")))) == expected)
  }

  @Test func aFailedWriteLeavesTheOldContentAndNoTemporary() throws {
    struct Interrupted: Error {}
    let folder = try TemporaryFolder()
    try AtomicFile.write("old", to: folder.file("a.txt"))
    #expect(throws: Interrupted.self) {
      try AtomicFile.write(folder.file("a.txt")) { file in
        try file.append(Array("new".utf8))
        throw Interrupted()
      }
    }
    #expect(try folder.text("a.txt") == "old")
    #expect(try folder.names() == ["a.txt"])
  }

  @Test func errorsNameThePathAndTheReason() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("absent/a.txt")
    let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: path) }
    #expect(error?.path == path)
    #expect(error?.code == ENOENT)
    #expect(error?.description == "cannot write \(path): No such file or directory")
    #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder.path + "/") }
  }

  @Test func renamingOntoAFolderFails() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("taken"), withIntermediateDirectories: false)
    let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: folder.file("taken")) }
    #expect(error?.operation == "rename to")
    #expect(try folder.names() == ["taken"])
  }

  @Test func leftoversOfKilledWritersAreRemoved() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write([1], ".facet-12-abc.partial")
    _ = try folder.write([1], "kept.partial")
    try AtomicFile.removeLeftovers(in: folder.path)
    #expect(try folder.names() == ["kept.partial"])
  }

  @Test func aFolderThatTakesNoFilesIsAnError() throws {
    let error = #expect(throws: FileError.self) { try AtomicFile.write("x", to: "/proc/facet.txt") }
    #expect(error?.path == "/proc/facet.txt")
  }
}

@Suite struct FolderLockTests {
  @Test func aSecondHolderIsRefusedUntilTheFirstGoes() throws {
    let folder = try TemporaryFolder()
    var first: FolderLock? = try FolderLock(folder: folder.path)
    let error = #expect(throws: FileError.self) { _ = try FolderLock(folder: folder.path) }
    #expect(error?.reason == "process \(getpid()) is using it")
    withExtendedLifetime(first) {}
    first = nil
    _ = try FolderLock(folder: folder.path)
  }
}
