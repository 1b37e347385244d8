import Foundation
import Storage
import TestSupport
import Testing

/// A file written by the Python package `safetensors` 0.8: w F32 [2,3], h F16 [4], i I64 [3], s I32 [], u U8 [2],
/// d F64 [1], e F32 [0,4], with metadata.
private let referenceFile = """
  sAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJub3RlIjoiw6lcIiIsImZvcm1hdCI6InB0In0sImkiOnsiZHR5cGUiOiJJNjQiLCJzaGFwZSI6WzNdLCJk
  YXRhX29mZnNldHMiOlswLDI0XX0sImQiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlsyNCwzMl19LCJlIjp7ImR0eXBl
  IjoiRjMyIiwic2hhcGUiOlswLDRdLCJkYXRhX29mZnNldHMiOlszMiwzMl19LCJ3Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29m
  ZnNldHMiOlszMiw1Nl19LCJzIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls1Niw2MF19LCJoIjp7ImR0eXBlIjoiRjE2
  Iiwic2hhcGUiOls0XSwiZGF0YV9vZmZzZXRzIjpbNjAsNjhdfSwidSI6eyJkdHlwZSI6IlU4Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNjgs
  NzBdfX0BAAAAAAAAAP7/////////////fwAAAACamZmZmZm5PwAAwD8AAADAAABQQAAAAABvEoM6yvJJ8QcAAAAAPAC4/3sBAAD/
  """

func referenceBytes() throws -> [UInt8] {
  Array(try #require(Data(base64Encoded: referenceFile, options: .ignoreUnknownCharacters)))
}

@Suite struct SafetensorsTests {
  @Test func readsAFileOfTheReferencePackage() throws {
    let folder = try TemporaryFolder()
    let file = try SafetensorsFile(path: folder.write(referenceBytes(), "r.safetensors"))
    #expect(file.metadata == ["format": "pt", "note": "é\""])
    #expect(file.tensors.keys.sorted() == ["d", "e", "h", "i", "s", "u", "w"])
    #expect(file.tensors["w"]?.shape == [2, 3])
    #expect(file.tensors["s"]?.shape == [])
    #expect(try file.floats("w") == [1.5, -2, 3.25, 0, 1e-3, -1e30])
    #expect(try file.floats("h") == [1, -0.5, 65504, 0x1p-24])
    #expect(try file.floats("d") == [0.1])
    #expect(try file.floats("u") == [0, 255])
    #expect(try file.floats("e") == [])
    #expect(try file.int32s("i") == [1, -2, .max])
    #expect(try file.int32s("s") == [7])
  }

  @Test func whatIsWrittenReadsBack() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("w.safetensors")
    let weights = (0..<100_001).map { Float($0) * 0.37 - 5 }
    let codes: [Int32] = [0, -1, .max, .min]
    let wide: [Int64] = [1, 1 << 40]
    try weights.withUnsafeBufferPointer { weights in
      try codes.withUnsafeBufferPointer { codes in
        try wide.withUnsafeBytes { wide in
          try SafetensorsWriter.write(
            path: path,
            tensors: [
              TensorSource(name: "half", shape: [100_001], values: .bfloat16(rounding: weights)),
              TensorSource(name: "a \"quoted\"/näme", shape: [1, 100_001], values: .float32(weights)),
              TensorSource(name: "codes", shape: [2, 2], values: .int32(codes)),
              TensorSource(name: "wide", shape: [2], values: .bytes(.i64, wide)),
              TensorSource(
                name: "none", shape: [3, 0], values: .float32(UnsafeBufferPointer(rebasing: weights[..<0]))),
            ], metadata: ["step": "12", "spec": "line\nline"])
        }
      }
    }
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["step": "12", "spec": "line\nline"])
    #expect(try file.floats("a \"quoted\"/näme") == weights)
    #expect(try file.int32s("codes") == codes)
    for (rounded, exact) in zip(try file.floats("half"), weights) {
      #expect(abs(rounded - exact) <= abs(exact) * 0x1p-8)
    }
    let error = #expect(throws: SafetensorsError.self) { _ = try file.int32s("wide") }
    #expect(error?.kind == .mismatch)
    // Data begin at a multiple of 8 and every tensor at a multiple of its element size.
    #expect(file.tensors.values.map(\.bytes.lowerBound).min().map { $0 % 8 } == 0)
    for entry in file.tensors.values { #expect(entry.bytes.lowerBound % entry.type.byteCount == 0) }
  }

  @Test func valuesThatASourceHoldsAreWrittenLikeOthers() throws {
    let folder = try TemporaryFolder()
    let (weights, codes): ([Float], [Int32]) = ([0.5, -1.25, .infinity], [3, -4])
    let (held, lent) = (folder.file("held.safetensors"), folder.file("lent.safetensors"))
    try SafetensorsWriter.write(
      path: held,
      tensors: [
        TensorSource(name: "w", shape: [3], values: .floats(weights)),
        TensorSource(name: "c", shape: [1, 2], values: .integers(codes)),
      ])
    try weights.withUnsafeBufferPointer { weights in
      try codes.withUnsafeBufferPointer { codes in
        try SafetensorsWriter.write(
          path: lent,
          tensors: [
            TensorSource(name: "w", shape: [3], values: .float32(weights)),
            TensorSource(name: "c", shape: [1, 2], values: .int32(codes)),
          ])
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: held)) == Data(contentsOf: URL(fileURLWithPath: lent)))
    let error = #expect(throws: SafetensorsError.self) {
      try SafetensorsWriter.write(
        path: held, tensors: [TensorSource(name: "w", shape: [4], values: .floats(weights))])
    }
    #expect(error?.kind == .source)
  }

  @Test func equalContentGivesEqualBytes() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b"] {
      try [Float](repeating: 1, count: 6).withUnsafeBufferPointer { values in
        try SafetensorsWriter.write(
          path: folder.file(name), tensors: [TensorSource(name: "w", shape: [6], values: .float32(values))],
          metadata: ["z": "1", "y": "2", "x": "3"])
      }
    }
    let files = try ["a", "b"].map { try Data(contentsOf: URL(fileURLWithPath: folder.file($0))) }
    #expect(files[0] == files[1])
  }

  @Test func aFileWithoutTensorsIsValid() throws {
    let folder = try TemporaryFolder()
    try SafetensorsWriter.write(path: folder.file("a"), tensors: [])
    #expect(try SafetensorsFile(path: folder.file("a")).tensors.isEmpty)
  }

  @Test func theWriterRefusesContradictions() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("w")
    [Float](repeating: 1, count: 6).withUnsafeBufferPointer { values in
      let good = TensorSource(name: "a", shape: [6], values: .float32(values))
      for (tensors, named) in [
        ([good, good], "a"), ([TensorSource(name: "b", shape: [5], values: .float32(values))], "b"),
        ([TensorSource(name: "c", shape: [-2, -3], values: .float32(values))], "c"),
        ([TensorSource(name: "d", shape: [.max, .max], values: .float32(values))], "d"),
        ([TensorSource(name: "__metadata__", shape: [6], values: .float32(values))], "__metadata__"),
      ] {
        let error = #expect(throws: SafetensorsError.self) {
          try SafetensorsWriter.write(path: path, tensors: tensors)
        }
        #expect(error?.kind == .source)
        #expect(error?.tensor == named)
      }
    }
    #expect(try folder.names() == [])
  }

  @Test func readingAsTheWrongThingIsAnErrorThatNamesTheTensor() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(referenceBytes(), "r.safetensors")
    let file = try SafetensorsFile(path: path)
    #expect(throws: SafetensorsError.self) { _ = try file.floats("i") }
    #expect(throws: SafetensorsError.self) { _ = try file.int32s("w") }
    let missing = #expect(throws: SafetensorsError.self) { _ = try file.floats("v") }
    #expect(missing?.description == "\(path): tensor 'v': the file has no such tensor (it has 7)")
    var small = [Float](repeating: 0, count: 5)
    let mismatch = #expect(throws: SafetensorsError.self) {
      try small.withUnsafeMutableBufferPointer { try file.read("w", into: $0) }
    }
    #expect(mismatch?.description == "\(path): tensor 'w': its shape [2, 3] has 6 elements, 5 are wanted")
  }

  @Test func aFileCutAfterOpeningIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(referenceBytes(), "r.safetensors")
    let file = try SafetensorsFile(path: path)
    #expect(truncate(path, 480) == 0)
    let error = #expect(throws: FileError.self) { _ = try file.floats("w") }
    #expect(error?.path == path)
  }

  @Test func halvesConvertExactly() {
    // Against the definition: (-1)^s * 2^(e-15) * (1 + f/1024), subnormals 2^-14 * f/1024.
    for bits in UInt16.min ... .max {
      let fraction = Double(bits & 0x3FF) / 1024
      let exponent = Int(bits >> 10) & 0x1F
      let value = floatFromHalf(bits)
      if exponent == 31 {
        #expect(fraction == 0 ? value.isInfinite : value.isNaN)
      } else {
        let magnitude =
          exponent == 0
          ? fraction * 0x1p-14 : (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        #expect(Double(value) == (bits < 0x8000 ? magnitude : -magnitude))
      }
    }
  }

  @Test func bfloat16RoundsToNearestEven() {
    #expect(bfloat16(1) == 0x3F80)
    #expect(bfloat16(Float(bitPattern: 0x3F80_8000)) == 0x3F80)
    #expect(bfloat16(Float(bitPattern: 0x3F81_8000)) == 0x3F82)
    #expect(bfloat16(Float(bitPattern: 0x3F80_8001)) == 0x3F81)
    #expect(bfloat16(.greatestFiniteMagnitude) == 0x7F80)
    #expect(Float(bitPattern: UInt32(bfloat16(Float(bitPattern: 0x7F80_0001))) << 16).isNaN)
  }
}
