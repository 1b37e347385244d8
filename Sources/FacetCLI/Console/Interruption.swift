import Foundation
import Synchronization

/// Ctrl-C: once asks the running command to save and stop, twice ends the process at once.
enum Interruption {
  private static let count = Atomic<Int>(0)

  /// Whether somebody asked to stop.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// Starts listening to SIGINT and SIGTERM.
  static func listen() {
    // Read once here, so that the handler never initialises it.
    _ = isRequested
    // A parent may have started the process with these signals blocked.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      sigaddset(&signals, number)
      signal(number) { _ in
        if Interruption.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
      }
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
