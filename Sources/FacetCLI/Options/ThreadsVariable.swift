import Foundation

/// The environment variable that sets the number of threads.
enum ThreadsVariable {
  /// Refuses what is no number of threads, which would otherwise count as not set.
  static func check(_ environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    guard let text = environment["FACET_THREADS"] else { return }
    guard let count = Int(text), (1...1024).contains(count) else {
      throw Refusal.usage("FACET_THREADS=\(text): the number of threads is a whole number from 1 to 1024")
    }
  }
}
