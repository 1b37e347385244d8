/// What goes wrong in the reference interpreter or in a check built on it: a missing input, an index out of range, a
/// mode that has no exact reference.
public struct ReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, with the operation at fault where there is one.
  public var description: String

  /// An error with the given explanation.
  public init(_ description: String) { self.description = description }
}
