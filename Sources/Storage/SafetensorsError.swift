/// Why a safetensors file cannot be used. Every case names the file; those about one tensor name it too.
public struct SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of failure, for callers that react to some of them.
  public enum Kind: Equatable, Sendable {
    /// The length of the header is impossible for this file.
    case headerSize
    /// The header is not the JSON object that the format asks for.
    case headerSyntax
    /// A tensor's declaration is wrong: element type, shape or offsets.
    case declaration
    /// The tensors leave holes, overlap, or do not end where the file ends (a truncated file, mostly).
    case layout
    /// No tensor of that name.
    case missing
    /// The tensor is there, but not in the form asked for: element type, element count, or a value out of range.
    case mismatch
    /// What is to be written contradicts itself.
    case source
  }

  /// What kind of failure it is.
  public let kind: Kind
  /// The file.
  public let path: String
  /// The tensor, where one is to blame.
  public let tensor: String?
  /// The reason in words.
  public let reason: String

  init(_ kind: Kind, _ path: String, tensor: String? = nil, _ reason: String) {
    self.kind = kind
    self.path = path
    self.tensor = tensor
    self.reason = reason
  }

  /// One line: `model.safetensors: tensor 'encoder.conv_in.weight': the shape [64, 3] needs ...`.
  public var description: String {
    if let tensor { return "\(path): tensor '\(tensor)': \(reason)" }
    return "\(path): \(reason)"
  }
}
