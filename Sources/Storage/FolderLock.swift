import Foundation

/// Holds a folder for this process: a second run in the same folder is refused at once. The system frees the lock when the
/// process ends, however it ends, so a killed run leaves nothing to clean up.
public final class FolderLock: Sendable {
  private let file: FileDescriptor

  /// Takes the lock, a hidden file `.lock` in `folder`.
  /// - Throws: `FileError`; where another process holds it the reason says so, with that process's number.
  public init(folder: String) throws(FileError) {
    file = try FileDescriptor("\(folder)/.lock", flags: O_RDWR | O_CREAT)
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      guard code == EWOULDBLOCK else { throw FileError("lock", folder, code: code) }
      let holder = (try? readWholeFile("\(folder)/.lock", maximumBytes: 64)).map { String(decoding: $0, as: UTF8.self) }
      throw FileError("lock", folder, code: code, reason: "process \(holder ?? "?") is using it")
    }
    guard ftruncate(file.number, 0) == 0 else { throw FileError("lock", folder, code: errno) }
    let number = Array("\(getpid())".utf8)
    try number.withUnsafeBytes { buffer in Result { () throws(FileError) in try file.write(buffer) } }.get()
  }
}
