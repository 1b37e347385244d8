import Foundation

/// Writes a file so that a reader, or a run killed half-way, sees either the old content or the whole new one.
///
/// The bytes go to a temporary name in the same folder, are flushed to the disk, and take the final name by a rename;
/// the folder is flushed last, so that the new name itself survives a power cut. On an error the temporary is removed.
public final class AtomicFile {
  private let file: FileDescriptor
  private let path: String
  private let folder: String
  private let temporary: String
  private var pending: [UInt8] = []
  private static let bufferSize = 1 << 18

  private init(_ path: String) throws(FileError) {
    guard !path.isEmpty, !path.hasSuffix("/") else { throw FileError("write", path, reason: "it does not name a file") }
    self.path = path
    folder = (path as NSString).deletingLastPathComponent.isEmpty ? "." : (path as NSString).deletingLastPathComponent
    let unique = String(UInt64.random(in: 0 ... .max), radix: 16)
    temporary = "\(folder)/.facet-\(getpid())-\(unique).partial"
    do {
      file = try FileDescriptor(temporary, flags: O_WRONLY | O_CREAT | O_EXCL)
    } catch {
      // The name that failed is ours; the caller knows only theirs.
      throw FileError("write", path, code: error.code, reason: error.reason)
    }
  }

  /// Adds bytes at the end of the file.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    if bytes.count < AtomicFile.bufferSize {
      pending.append(contentsOf: bytes)
      if pending.count >= AtomicFile.bufferSize { try drain() }
    } else {
      try drain()
      try named { () throws(FileError) in try file.write(bytes) }
    }
  }

  /// Adds bytes at the end of the file.
  public func append(_ bytes: [UInt8]) throws(FileError) {
    try bytes.withUnsafeBytes { buffer in Result { () throws(FileError) in try append(buffer) } }.get()
  }

  /// Writes `path` through `body`, which appends to the file it is given; nothing changes on disk where `body` throws.
  public static func write(_ path: String, _ body: (AtomicFile) throws -> Void) throws {
    let file = try AtomicFile(path)
    do {
      try body(file)
      try file.commit()
    } catch {
      unlink(file.temporary)
      throw error
    }
  }

  /// Writes `bytes` as the whole content of `path`.
  public static func write(_ bytes: [UInt8], to path: String) throws {
    try write(path) { try $0.append(bytes) }
  }

  /// Writes `text` in UTF-8 as the whole content of `path`.
  public static func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

  /// Removes temporaries that killed writers left in `folder`; call it where no other writer can be at work.
  public static func removeLeftovers(in folder: String) throws(FileError) {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
    } catch {
      throw FileError("list", folder, code: errno)
    }
    for name in names where name.hasPrefix(".facet-") && name.hasSuffix(".partial") { unlink("\(folder)/\(name)") }
  }

  private func drain() throws(FileError) {
    let result = pending.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try named { () throws(FileError) in try file.write(bytes) } }
    }
    try result.get()
    pending.removeAll(keepingCapacity: true)
  }

  private func commit() throws(FileError) {
    try drain()
    try named { () throws(FileError) in try file.synchronize() }
    guard rename(temporary, path) == 0 else { throw FileError("rename to", path, code: errno) }
    let directory = try FileDescriptor(folder, flags: O_RDONLY | O_DIRECTORY)
    try directory.synchronize()
  }

  private func named(_ body: () throws(FileError) -> Void) throws(FileError) {
    do {
      try body()
    } catch {
      throw FileError(error.operation, path, code: error.code, reason: error.reason)
    }
  }
}
