import Foundation

/// A failed call on a file or folder: what was tried, on which path, and the system's words for why it failed.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was being done, as a verb: "open", "read", "write", "rename"...
  public let operation: String
  /// The path as the caller gave it.
  public let path: String
  /// The system's error number, or 0 where the failure is not the system's (a short read, say).
  public let code: Int32
  /// The reason in words.
  public let reason: String

  /// An error with the reason that the system gives for `code`.
  public init(_ operation: String, _ path: String, code: Int32) {
    self.init(operation, path, code: code, reason: String(cString: strerror(code)))
  }

  /// An error with a reason of our own.
  public init(_ operation: String, _ path: String, code: Int32 = 0, reason: String) {
    self.operation = operation
    self.path = path
    self.code = code
    self.reason = reason
  }

  /// One line: `cannot write /runs/a/model.safetensors: No space left on device`.
  public var description: String { "cannot \(operation) \(path): \(reason)" }
}

/// An open file descriptor, closed when the last reference goes. Every call retries when a signal interrupts it.
package final class FileDescriptor: Sendable {
  package let number: Int32
  package let path: String

  package init(_ path: String, flags: Int32, mode: mode_t = 0o666) throws(FileError) {
    var descriptor: Int32 = -1
    repeat { descriptor = open(path, flags | O_CLOEXEC, mode) } while descriptor < 0 && errno == EINTR
    guard descriptor >= 0 else { throw FileError("open", path, code: errno) }
    self.number = descriptor
    self.path = path
  }

  deinit { close(number) }

  /// Size in bytes; refuses anything that is not a regular file, since a pipe or a folder has no size to trust.
  package func regularFileSize() throws(FileError) -> Int {
    var status = stat()
    guard fstat(number, &status) == 0 else { throw FileError("inspect", path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError("read", path, reason: "it is not a regular file")
    }
    return Int(status.st_size)
  }

  /// Fills `buffer` from `offset`; a file that ends earlier is an error.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let got = pread(number, base + done, buffer.count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      guard got >= 0 else { throw FileError("read", path, code: errno) }
      guard got > 0 else {
        throw FileError("read", path, reason: "it ends at byte \(offset + done), \(buffer.count - done) bytes early")
      }
      done += got
    }
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      #if canImport(Glibc)
        let wrote = Glibc.write(number, base + done, bytes.count - done)
      #else
        let wrote = Darwin.write(number, base + done, bytes.count - done)
      #endif
      if wrote < 0 && errno == EINTR { continue }
      guard wrote > 0 else { throw FileError("write", path, code: errno) }
      done += wrote
    }
  }

  package func synchronize() throws(FileError) {
    // A file system without fsync (EINVAL) has nothing to flush.
    guard fsync(number) == 0 || errno == EINVAL else { throw FileError("flush", path, code: errno) }
  }
}

/// The whole content of a regular file of at most `maximumBytes`.
package func readWholeFile(_ path: String, maximumBytes: Int = 1 << 30) throws(FileError) -> [UInt8] {
  let file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
  let size = try file.regularFileSize()
  guard size <= maximumBytes else {
    throw FileError("read", path, reason: "it has \(size) bytes, more than the limit of \(maximumBytes)")
  }
  var bytes = [UInt8](repeating: 0, count: size)
  let result = bytes.withUnsafeMutableBytes { buffer in
    Result { () throws(FileError) in try file.read(into: buffer, at: 0) }
  }
  try result.get()
  return bytes
}
