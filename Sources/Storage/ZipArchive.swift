import Foundation

/// Why a file in PyTorch's format cannot be used.
public struct TorchError: Error, Equatable, Sendable, CustomStringConvertible {
  /// File and reason.
  public let description: String

  init(_ path: String, _ reason: String) { description = "\(path): \(reason)" }
}

/// The members of an uncompressed zip archive, which is what PyTorch's checkpoints are. Compressed members are refused:
/// no checkpoint has any. Zip64 sizes are read, since checkpoints pass 4 GiB.
struct ZipArchive {
  /// A member: where its bytes lie in the file.
  struct Member {
    var offset: Int
    var size: Int
  }

  let path: String
  let file: FileDescriptor
  private(set) var members: [String: Member] = [:]

  init(path: String) throws {
    self.path = path
    file = try FileDescriptor(path, flags: O_RDONLY | O_NONBLOCK)
    let fileSize = try file.regularFileSize()
    let (start, size, count) = try directory(fileSize)
    guard start >= 0, start <= fileSize, (0...min(1 << 28, fileSize - start)).contains(size), count >= 0 else {
      throw TorchError(path, "the zip directory lies outside the file")
    }
    var reader = ByteReader(try bytes(start, size), path: path)
    for _ in 0..<count {
      guard try reader.integer(4) == 0x0201_4b50 else { throw TorchError(path, "the zip directory is broken") }
      try reader.skip(6)
      let method = try reader.integer(2)
      try reader.skip(8)
      var (packed, whole) = (try reader.integer(4), try reader.integer(4))
      let (nameLength, extraLength, commentLength) = (
        try reader.integer(2), try reader.integer(2), try reader.integer(2)
      )
      try reader.skip(8)
      var header = try reader.integer(4)
      let name = try reader.text(nameLength)
      var extra = ByteReader(try reader.take(extraLength), path: path)
      try reader.skip(commentLength)
      while extra.remaining >= 4 {
        let (tag, length) = (try extra.integer(2), try extra.integer(2))
        var field = ByteReader(try extra.take(length), path: path)
        guard tag == 1 else { continue }
        if whole == 0xffff_ffff { whole = try field.integer(8) }
        if packed == 0xffff_ffff { packed = try field.integer(8) }
        if header == 0xffff_ffff { header = try field.integer(8) }
      }
      guard method == 0, packed == whole else { throw TorchError(path, "the zip member '\(name)' is compressed") }
      guard header >= 0, header <= fileSize - 30 else { throw TorchError(path, "'\(name)' lies outside the file") }
      var local = ByteReader(try bytes(header, 30), path: path)
      try local.skip(26)
      let offset = header + 30 + (try local.integer(2)) + (try local.integer(2))
      guard whole >= 0, offset <= fileSize, whole <= fileSize - offset else {
        throw TorchError(path, "the zip member '\(name)' lies outside the file")
      }
      members[name] = Member(offset: offset, size: whole)
    }
  }

  /// Start, size and number of entries of the central directory.
  private func directory(_ fileSize: Int) throws -> (Int, Int, Int) {
    let tail = min(fileSize, 65_557)
    let end = try bytes(fileSize - tail, tail)
    let mark: [UInt8] = [0x50, 0x4b, 5, 6]
    guard tail >= 22, let place = (0...tail - 22).reversed().first(where: { Array(end[$0..<$0 + 4]) == mark }) else {
      throw TorchError(
        path, "this is not a zip archive; checkpoints of PyTorch before 1.6 must be saved again by a newer one")
    }
    var reader = ByteReader(Array(end[(place + 10)...]), path: path)
    var (count, size, start) = (try reader.integer(2), try reader.integer(4), try reader.integer(4))
    if (count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff), place >= 20 {
      var locator = ByteReader(Array(end[place - 20..<place]), path: path)
      guard try locator.integer(4) == 0x0706_4b50 else { throw TorchError(path, "the zip64 locator is missing") }
      try locator.skip(4)
      let record = try locator.integer(8)
      guard record >= 0, record <= fileSize - 56 else { throw TorchError(path, "the zip64 record lies outside") }
      var wide = ByteReader(try bytes(record, 56), path: path)
      try wide.skip(32)
      (count, size, start) = (try wide.integer(8), try wide.integer(8), try wide.integer(8))
    }
    return (start, size, count)
  }

  /// A range of the file.
  func bytes(_ offset: Int, _ count: Int) throws -> [UInt8] {
    var result = [UInt8](repeating: 0, count: count)
    try result.withUnsafeMutableBytes { try file.read(into: $0, at: offset) }
    return result
  }

  /// The bytes of a member.
  func content(_ name: String) throws -> [UInt8] {
    guard let member = members[name] else { throw TorchError(path, "it has no member '\(name)'") }
    guard member.size <= 1 << 28 else { throw TorchError(path, "'\(name)' is too large for an index") }
    return try bytes(member.offset, member.size)
  }
}

/// Reads little-endian numbers from bytes; running off the end is an error.
struct ByteReader {
  private let bytes: [UInt8]
  private let path: String
  private(set) var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  var remaining: Int { bytes.count - position }

  mutating func take(_ count: Int) throws -> [UInt8] {
    guard count >= 0, count <= remaining else { throw TorchError(path, "it ends early") }
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  mutating func skip(_ count: Int) throws { _ = try take(count) }

  mutating func byte() throws -> UInt8 {
    guard remaining > 0 else { throw TorchError(path, "it ends early") }
    defer { position += 1 }
    return bytes[position]
  }

  /// An unsigned number of up to eight bytes.
  mutating func integer(_ count: Int) throws -> Int {
    Int(truncatingIfNeeded: try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  mutating func text(_ count: Int) throws -> String { String(decoding: try take(count), as: UTF8.self) }

  mutating func line() throws -> String {
    var result: [UInt8] = []
    while true {
      let next = try byte()
      if next == 10 { return String(decoding: result, as: UTF8.self) }
      result.append(next)
    }
  }
}
