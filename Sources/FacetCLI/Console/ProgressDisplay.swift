import Foundation
import Training

/// Shows a training run: a line that redraws itself on a terminal, otherwise one line every few seconds.
final class ProgressDisplay: TrainingObserver {
  private let isTerminal: Bool
  private let interval: Duration
  private var last: ContinuousClock.Instant?
  private var isLineOpen = false

  /// A display on stderr.
  init(isTerminal: Bool = Console.errorIsTerminal, interval: Duration = .seconds(10)) {
    self.isTerminal = isTerminal
    self.interval = interval
  }

  var wantsStop: Bool { Interruption.isRequested }

  func progress(_ progress: TrainingProgress) {
    let now = ContinuousClock.now
    let ends = progress.step == progress.totalSteps
    if !isTerminal, !ends, let last, now - last < interval { return }
    last = now
    let text = Self.line(progress)
    if isTerminal {
      // A line that wraps could not be redrawn.
      let line = "\(Self.bar(progress)) \(text)".prefix(Console.errorWidth - 1)
      Console.complaint("\r\u{1B}[2K\(line)", terminator: ends ? "\n" : "")
      isLineOpen = !ends
    } else {
      Console.complaint(text)
    }
  }

  func note(_ text: String) {
    if isLineOpen { Console.complaint("") }
    isLineOpen = false
    Console.complaint(text)
  }

  private static func bar(_ progress: TrainingProgress) -> String {
    let width = 20
    let filled = progress.totalSteps > 0 ? width * progress.step / progress.totalSteps : width
    return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "]"
  }

  /// For example `tokenizer 120/2000 · loss 0.0812 · 61.2 images/s · 8:31 left`.
  static func line(_ progress: TrainingProgress) -> String {
    var parts = ["\(progress.stage.rawValue) \(progress.step)/\(progress.totalSteps)"]
    for measure in progress.measures where shown(measure.name) {
      parts.append("\(shortName(measure.name)) \(digits(measure.value))")
    }
    parts.append("\(digits(progress.samplesPerSecond)) images/s")
    parts.append("\(clock(progress.secondsLeft)) left")
    return parts.joined(separator: " · ")
  }

  private static func shown(_ name: String) -> Bool {
    name == "loss.total" || name == "loss.reconstruction" || name.hasPrefix("usage.")
  }

  private static func shortName(_ name: String) -> String {
    name == "loss.total" ? "loss" : name.hasPrefix("loss.") ? String(name.dropFirst(5)) : name
  }

  private static func digits(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    return String(
      format: abs(value) >= 100 ? "%.0f" : abs(value) >= 10 ? "%.1f" : abs(value) >= 0.1 ? "%.3f" : "%.5f", value)
  }

  private static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "a long time" }
    let whole = Int(seconds.rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, whole % 60) : String(format: "%d:%02d", minutes, whole % 60)
  }
}
