import Foundation

/// The specs that ship with the tool, as `facet init` writes them.
enum Template: String, CaseIterable {
  case quickstart
  case dualF8 = "fqgan-dual-f8"
  case dualF16 = "fqgan-dual-f16"
  case tripleF8 = "fqgan-triple-f8"
  case tripleF16 = "fqgan-triple-f16"
  case farBase = "far-b"
  case farLarge = "far-l"

  /// The text of the shipped file.
  var text: String {
    let bytes =
      switch self {
      case .quickstart: PackageResources.quickstart_yaml
      case .dualF8: PackageResources.fqgan_dual_f8_yaml
      case .dualF16: PackageResources.fqgan_dual_f16_yaml
      case .tripleF8: PackageResources.fqgan_triple_f8_yaml
      case .tripleF16: PackageResources.fqgan_triple_f16_yaml
      case .farBase: PackageResources.far_b_yaml
      case .farLarge: PackageResources.far_l_yaml
      }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text for somebody's own pictures: the name and the `data` section replaced, everything else as it ships.
  func text(name: String, data: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("name:") { return "name: \(name)" }
      if line.hasPrefix("data:") { return "data: { path: \(Self.quoted(data)), crop: random, flip: true }" }
      return String(line)
    }.joined(separator: "\n")
  }

  /// A YAML string in double quotes.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
