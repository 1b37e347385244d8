import Foundation

/// One tensor of a file: its element type, its shape, and where its bytes lie.
public struct TensorEntry: Equatable, Sendable {
  /// The element type on disk.
  public let type: TensorType
  /// The shape, outermost dimension first; empty for a scalar.
  public let shape: [Int]
  /// The bytes, counted from the start of the file.
  public let bytes: Range<Int>

  /// Number of elements.
  public var count: Int { bytes.count / type.byteCount }
}

/// The header of a safetensors file, checked in full: after `init` every entry's bytes lie inside the file, fit its shape
/// and element type, and together cover the data without a hole or an overlap.
struct SafetensorsHeader {
  private(set) var tensors: [String: TensorEntry] = [:]
  let metadata: [String: String]

  /// The format's own bound on the header.
  static let maximumBytes = 100_000_000

  /// - Parameters:
  ///   - json: the header's bytes.
  ///   - fileSize: the size of the whole file, the 8 bytes of the header's length included.
  init(json: [UInt8], fileSize: Int, path: String) throws(SafetensorsError) {
    guard json.first == UInt8(ascii: "{") else {
      throw SafetensorsError(.headerSyntax, path, "the header does not begin with '{': this is not a safetensors file")
    }
    let parsed: ParsedHeader
    do {
      parsed = try JSONDecoder().decode(ParsedHeader.self, from: Data(json))
    } catch let fault as ParsedHeader.Fault {
      throw SafetensorsError(.declaration, path, tensor: fault.tensor, fault.reason)
    } catch {
      throw SafetensorsError(.headerSyntax, path, "the header is not valid: \(jsonReason(error))")
    }
    metadata = parsed.metadata
    let dataStart = 8 + json.count
    for (name, declaration) in parsed.declarations {
      do {
        tensors[name] = try declaration.entry(dataStart: dataStart, dataSize: fileSize - dataStart)
      } catch {
        throw SafetensorsError(.declaration, path, tensor: name, error.reason)
      }
    }
    try checkCoverage(path: path, dataStart: dataStart, fileSize: fileSize)
  }

  private func checkCoverage(path: String, dataStart: Int, fileSize: Int) throws(SafetensorsError) {
    var end = dataStart
    let ordered = tensors.sorted {
      ($0.value.bytes.lowerBound, $0.value.bytes.upperBound, $0.key)
        < ($1.value.bytes.lowerBound, $1.value.bytes.upperBound, $1.key)
    }
    for (name, entry) in ordered {
      guard entry.bytes.lowerBound == end else {
        let how = entry.bytes.lowerBound < end ? "overlaps the tensor before it" : "leaves a hole before it"
        throw SafetensorsError(.layout, path, tensor: name, "its data \(how)")
      }
      end = entry.bytes.upperBound
    }
    guard end == fileSize else {
      throw SafetensorsError(.layout, path, "\(fileSize - end) bytes at the end belong to no tensor")
    }
  }
}

/// The header as JSON spells it, before any check against the file.
private struct ParsedHeader: Decodable {
  struct Fault: Error {
    let tensor: String
    let reason: String
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  var declarations: [String: Declaration] = [:]
  var metadata: [String: String] = [:]

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for name in container.allKeys {
      if name.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: name)
      } else {
        do {
          declarations[name.stringValue] = try container.decode(Declaration.self, forKey: name)
        } catch {
          throw Fault(tensor: name.stringValue, reason: "its declaration is not valid: \(jsonReason(error))")
        }
      }
    }
  }
}

private struct Declaration: Decodable {
  let dtype: String
  let shape: [Int]
  let offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case offsets = "data_offsets"
  }

  struct Fault: Error { let reason: String }

  func entry(dataStart: Int, dataSize: Int) throws(Fault) -> TensorEntry {
    guard let type = TensorType(rawValue: dtype) else { throw Fault(reason: "unknown dtype '\(dtype)'") }
    guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
      throw Fault(reason: "data_offsets \(offsets) are not a beginning and an end")
    }
    guard offsets[1] <= dataSize else {
      throw Fault(reason: "its data ends at byte \(offsets[1]), the file holds \(dataSize) bytes of data: truncated?")
    }
    var needed = type.byteCount
    for size in shape {
      let (product, overflow) = needed.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow else { throw Fault(reason: "impossible shape \(shape)") }
      needed = product
    }
    guard needed == offsets[1] - offsets[0] else {
      throw Fault(
        reason: "\(dtype) of shape \(shape) needs \(needed) bytes, data_offsets give \(offsets[1] - offsets[0])")
    }
    return TensorEntry(type: type, shape: shape, bytes: dataStart + offsets[0]..<dataStart + offsets[1])
  }
}

/// What Foundation says about a JSON text that it refuses, in one line.
func jsonReason(_ error: any Error) -> String {
  guard let error = error as? DecodingError else { return "\(error)" }
  switch error {
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context),
    .keyNotFound(_, let context):
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
  @unknown default: return "\(error)"
  }
}
