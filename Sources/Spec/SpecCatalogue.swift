import Diagnostics
import YAML

/// All kinds of problems that a spec can have; `facet explain` prints their pages.
public enum SpecCatalogue {
  /// Every kind, in the order of its code.
  public static let kinds: [DiagnosticKind] =
    (DiagnosticKind.fileKinds + DiagnosticKind.yamlKinds + DiagnosticKind.keyKinds + SpecCheckList.all.map { $0.kind })
    .sorted { $0.code < $1.code }

  /// The kind with a code, in upper or lower case.
  public static func kind(code: String) -> DiagnosticKind? {
    kinds.first { $0.code == code.uppercased() }
  }
}
