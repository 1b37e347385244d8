import Foundation

/// Passes notices from the data thread to the observer on the training thread.
final class Notices: @unchecked Sendable {
  private let lock = NSLock()
  private var waiting: [String] = []
  private let observer: any TrainingObserver

  init(_ observer: any TrainingObserver) { self.observer = observer }

  func add(_ text: String) { lock.withLock { waiting.append(text) } }

  func flush() {
    let texts = lock.withLock {
      let texts = waiting
      waiting.removeAll()
      return texts
    }
    for text in texts { observer.note(text) }
  }
}
