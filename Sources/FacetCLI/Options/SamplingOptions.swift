import ArgumentParser
import Spec

/// Values that override the spec's `sampling` section.
struct SamplingOptions: ParsableArguments {
  @Option(help: "Scale of classifier-free guidance; 1 turns it off.")
  var guidance: Double?

  @Option(help: "Temperature; 0 takes the most likely code.")
  var temperature: Double?

  @Option(help: "Keep the k most likely codes; 0 keeps all.")
  var topK: Int?

  @Option(help: "Keep the smallest set of codes that reaches this probability.")
  var topP: Double?

  func validate() throws {
    func check(_ holds: Bool, _ text: String) throws { if !holds { throw ValidationError(text) } }
    try check(guidance.map { $0.isFinite && $0 >= 0 } ?? true, "--guidance is a number of at least 0")
    try check(temperature.map { $0.isFinite && $0 >= 0 } ?? true, "--temperature is a number of at least 0")
    try check(topK.map { $0 >= 0 && $0 <= Int32.max } ?? true, "--top-k is at least 0")
    try check(topP.map { $0 > 0 && $0 <= 1 } ?? true, "--top-p is above 0 and at most 1")
  }

  /// The spec's settings with these on top.
  func applied(to spec: SamplingSpec) -> SamplingSpec {
    SamplingSpec(
      guidance: guidance ?? spec.guidance, temperature: temperature ?? spec.temperature, topK: topK ?? spec.topK,
      topP: topP ?? spec.topP)
  }
}
