import Foundation
import Storage
import TestSupport
import Testing

/// Files that lie: every one must end in a typed error that names the file, none in a crash or a huge allocation.
@Suite struct SafetensorsHostileTests {
  private func open(_ header: String, data: Int, in folder: TemporaryFolder) throws -> SafetensorsError? {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
    bytes += Array(header.utf8) + [UInt8](repeating: 0, count: data)
    let path = try folder.write(bytes, "h.safetensors")
    do {
      _ = try SafetensorsFile(path: path)
      return nil
    } catch let error as SafetensorsError {
      #expect(error.path == path)
      return error
    }
  }

  @Test(arguments: [
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 8, SafetensorsError.Kind?.none, ""),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   "#, 8, nil, ""),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, .declaration, "truncated"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, .layout, "1 bytes at the end"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, .declaration, "needs 12 bytes"),
    (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, 8, .declaration, "impossible shape"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,8]}}"#, 8, .declaration, "not valid"),
    (#"{"a":{"dtype":"F32","shape":[true],"data_offsets":[0,4]}}"#, 4, .declaration, "not valid"),
    (#"{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}"#, 8, .declaration, "not valid"),
    (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, 8, .declaration, "not valid"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#, 0, .declaration,
      "impossible shape"
    ),
    (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, 8, .declaration, "unknown dtype 'F31'"),
    (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, 8, .declaration, "not valid"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, .declaration, "beginning and an end"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, .declaration, "beginning and an end"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, .declaration, "beginning and an end"),
    (
      #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[9223372036854775807,9223372036854775807]}}"#, 8, .declaration,
      ""
    ),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8, .layout, "hole"),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#, 4,
      .layout, "overlaps"
    ),
    (#"{"a":[1]}"#, 0, .declaration, "not valid"),
    (#"{"__metadata__":{"a":1}}"#, 0, .headerSyntax, ""),
    (#"{"__metadata__":"a"}"#, 0, .headerSyntax, ""),
    (#"[1,2,3]"#, 0, .headerSyntax, "does not begin with '{'"),
    (#" {}"#, 0, .headerSyntax, "does not begin with '{'"),
    (#"{"a":"#, 0, .headerSyntax, ""),
    (#"{}{}"#, 0, .headerSyntax, ""),
    (#"{}"#, 0, nil, ""),
  ])
  func headersAreCheckedInFull(header: String, data: Int, kind: SafetensorsError.Kind?, words: String) throws {
    let folder = try TemporaryFolder()
    let error = try open(header, data: data, in: folder)
    #expect(error?.kind == kind, "\(error?.description ?? "accepted")")
    if kind == .declaration { #expect(error?.tensor == "a") }
    if !words.isEmpty { #expect(error?.reason.contains(words) == true, "\(error?.description ?? "accepted")") }
  }

  @Test func deepNestingIsRefused() throws {
    let folder = try TemporaryFolder()
    let depth = 100_000
    let error = try open("{\"a\":" + String(repeating: "[", count: depth), data: 0, in: folder)
    #expect(error != nil)
  }

  @Test func invalidUTF8IsRefused() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([4, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0xFF, 0xFE, 0x7D], "u")
    #expect(throws: SafetensorsError.self) { _ = try SafetensorsFile(path: path) }
  }

  @Test func impossibleLengthsAreRefusedBeforeAnyAllocation() throws {
    let folder = try TemporaryFolder()
    for length in [0, 1, 1 << 20, 1 << 40, UInt64(Int.max), .max] as [UInt64] {
      let bytes = withUnsafeBytes(of: length.littleEndian, Array.init) + Array("{}".utf8)
      let path = try folder.write(bytes, "l")
      let error = #expect(throws: SafetensorsError.self) { _ = try SafetensorsFile(path: path) }
      #expect(error?.kind == .headerSize)
    }
    let empty = try folder.write([], "empty")
    #expect(throws: SafetensorsError.self) { _ = try SafetensorsFile(path: empty) }
  }

  @Test func whatIsNotAFileIsAFileError() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) { _ = try SafetensorsFile(path: folder.path) }
    #expect(error?.reason == "it is not a regular file")
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(throws: FileError.self) { _ = try SafetensorsFile(path: folder.file("pipe")) }
    #expect(throws: FileError.self) { _ = try SafetensorsFile(path: folder.file("absent")) }
  }

  @Test func everyTruncationOfAGoodFileIsRefused() throws {
    let folder = try TemporaryFolder()
    let good = try referenceBytes()
    for count in 0..<good.count {
      let path = try folder.write(Array(good[..<count]), "t")
      #expect(throws: SafetensorsError.self) { _ = try SafetensorsFile(path: path) }
    }
  }

  @Test func damagedFilesNeverCrash() throws {
    let folder = try TemporaryFolder()
    let good = try referenceBytes()
    var noise = RandomTensors(seed: 7)
    var refused = 0
    for _ in 0..<1500 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...6, using: &noise) {
        // Mostly inside the header, where damage has a meaning.
        let place = Int.random(in: 0..<440, using: &noise)
        switch Int.random(in: 0..<4, using: &noise) {
        case 0: bytes[place] = UInt8.random(in: 0 ... .max, using: &noise)
        case 1: bytes[place] = Array("0123456789{}[],:\"-e.".utf8).randomElement(using: &noise) ?? 0
        case 2: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &noise), at: place)
        }
      }
      let path = try folder.write(bytes, "f")
      do {
        let file = try SafetensorsFile(path: path)
        // What is accepted must also be readable: offsets, shapes and sizes agree.
        for (name, entry) in file.tensors where entry.type.readsAsFloat {
          #expect(try file.floats(name).count == entry.shape.reduce(1, *))
        }
      } catch let error as SafetensorsError {
        #expect(error.description.hasPrefix(path))
        refused += 1
      }
    }
    #expect(refused > 750)
  }
}
