/// Finds what the user probably meant.
public enum Suggestion {
  /// The candidate nearest to a misspelt word, or nil when none is near: at most one edit in three characters.
  /// Among equally near candidates the first wins.
  public static func nearest(to word: String, among candidates: [String]) -> String? {
    let folded = fold(word)
    guard !folded.isEmpty, folded.count <= 64 else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let target = fold(candidate)
      let distance = editDistance(folded, target)
      let limit = max(1, max(folded.count, target.count) / 3)
      // A word of two or three letters is one edit away from too much: ask for a common first letter as well.
      if folded.count <= 3, distance > 0, folded.first != target.first { continue }
      if distance <= limit, distance < (best?.distance ?? .max) { best = (candidate, distance) }
    }
    return best?.candidate
  }

  /// Whether two words differ only in case and separators (`learningRate`, `learning-rate`, `learning_rate`).
  public static func sameWords(_ a: String, _ b: String) -> Bool { fold(a) == fold(b) }

  private static func fold(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " && $0 != "." }.map { $0 }
  }

  /// Damerau-Levenshtein distance (optimal string alignment): a transposition is one edit.
  static func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var current = [Int](repeating: i, count: b.count + 1)
      for j in 1...b.count {
        let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        current[j] = min(previous[j] + 1, current[j - 1] + 1, substitution)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          current[j] = min(current[j], beforePrevious[j - 2] + 1)
        }
      }
      (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
  }
}
