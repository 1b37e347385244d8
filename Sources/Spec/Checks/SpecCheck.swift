import Diagnostics

/// A rule about several values of a spec. One rule per file; a rule runs when all values that it reads were sound.
protocol SpecCheck {
  /// The kind of the diagnostics that it reports.
  static var kind: DiagnosticKind { get }
  /// Paths of the values that it reads.
  static var reads: [String] { get }
  static func check(_ spec: ModelSpec, _ places: SpecPlaces) -> [Diagnostic]
}

/// The rules, in the order in which problems at the same place are reported.
enum SpecCheckList {
  static var all: [any SpecCheck.Type] {
    [
      ImageSizeCheck.self, NormGroupsCheck.self, AdapterHeadsCheck.self, CodebookNamesCheck.self,
      DisentanglementDimsCheck.self, GeneratorHeadsCheck.self, RotaryWidthCheck.self, ClassCountCheck.self,
      TopKCheck.self, WarmupCheck.self, WeightDecayCheck.self, ScheduleFinalCheck.self,
      AdversarialStartCheck.self, DiscriminatorSizeCheck.self, TeacherNamesCheck.self, UnusedTeacherCheck.self,
      PerceptualSizeCheck.self, PredictionHeadsCheck.self, TeacherCacheCheck.self,
      QuantizerKindCheck.self, TrainedPartsCheck.self, PerturbationCheck.self,
      ContrastPartsCheck.self, AugmentationCheck.self, ScheduleBeginCheck.self, IdleKeysCheck.self,
      HeadRowsCheck.self,
    ]
  }
}

/// Numbers near a number that a rule refuses.
enum Nearest {
  /// The nearest positive multiples of `step` below and above `value`.
  static func multiples(of step: Int, around value: Int) -> [Int] {
    let below = value / step * step
    return below > 0 ? [below, below + step] : [step]
  }

  /// The divisors of `value` nearest to `wanted`, below and above, among those that pass.
  static func divisors(of value: Int, around wanted: Int, where passes: (Int) -> Bool = { _ in true }) -> [Int] {
    guard value > 0 else { return [] }
    // Values are bounded by their schema (at most 64 x 8192), so counting through them is fast.
    let all = (1...value).filter { value % $0 == 0 && passes($0) }
    return [all.last { $0 <= wanted }, all.first { $0 > wanted }].compactMap { $0 }
  }

  /// What to write instead of heads that do not fit a width: other heads, or another width. Each is a multiple of 4 wide.
  static func heads(_ heads: Int, width: Int) -> [String] {
    let divisors = divisors(of: width, around: heads) { width / $0 % 4 == 0 }
    let widths = multiples(of: 4 * heads, around: width)
    return (divisors.isEmpty ? [] : ["the nearest numbers of heads are \(words(divisors))"])
      + ["the nearest widths for \(heads) heads are \(words(widths))"]
  }

  static func words(_ numbers: [Int]) -> String { SpecShape.alternatives(numbers.map { "\($0)" }) }
}
