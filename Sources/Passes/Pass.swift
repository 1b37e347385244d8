import IR

/// A transformation of programs that keeps their meaning.
///
/// A pass is small, has one purpose, and says truthfully whether it changed anything. It may rely on the program being
/// verified and must leave it so; `PassManager` checks both.
public protocol Pass: Sendable {
  /// The name by which users refer to it, words joined by hyphens.
  var name: String { get }
  /// One line for `--passes list`.
  var summary: String { get }
  /// Rewrites the program; whether it changed.
  func run(on program: inout Program) -> Bool
}

/// A pass with the reason for its place in a pipeline.
public struct PlacedPass: Sendable {
  /// The pass.
  public var pass: any Pass
  /// Why it stands where it stands.
  public var reason: String

  /// A pass and why it stands where it stands.
  public init(_ pass: any Pass, _ reason: String) {
    self.pass = pass
    self.reason = reason
  }
}
