import IR
import Models
import Spec

extension ModelPrograms {
  /// The programs of a spec, with as many classes as it would train with.
  init(_ spec: ModelSpec) throws { self.init(spec, classes: try ClassNames(spec).names.count) }

  /// A program by the name that was given on the command line.
  func named(_ name: String) throws -> Program {
    guard let program = try program(name) else {
      throw Refusal.usage("there is no program '\(name)'; the spec has \(names.joined(separator: ", "))")
    }
    return program
  }
}
