import CProcessor
import Foundation
import Synchronization

/// Worker threads that run the parts of one job at a time.
///
/// A job is handed over through an atomic generation counter: workers spin on it for some microseconds, then sleep on a
/// condition, so an idle pool uses no processor time. The division of work depends on sizes alone.
public final class ThreadPool: @unchecked Sendable {
  /// What every worker runs: worker index and an opaque argument.
  public typealias Job = @convention(thin) (_ worker: Int, _ argument: UnsafeRawPointer) -> Void

  /// Number of threads that work on a job, the caller included.
  public let threadCount: Int

  private let generation = Atomic<Int>(0)
  private let remaining = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let condition = NSCondition()
  private var job: Job?
  private var argument: UnsafeRawPointer?
  private static let spins = 20_000

  /// A pool of `threadCount` threads; by default one per processor, or what `FACET_THREADS` says.
  public init(threadCount: Int? = nil) {
    let fallback = ProcessInfo.processInfo.environment["FACET_THREADS"].flatMap(Int.init)
    self.threadCount = max(1, threadCount ?? fallback ?? ProcessInfo.processInfo.activeProcessorCount)
    for worker in 1..<max(1, self.threadCount) {
      let thread = Thread { [unowned self] in self.work(worker) }
      thread.stackSize = 1 << 20
      thread.name = "facet-worker-\(worker)"
      live.add(1, ordering: .relaxed)
      thread.start()
    }
  }

  private let live = Atomic<Int>(0)

  deinit {
    stopping.store(true, ordering: .releasing)
    wake()
    while live.load(ordering: .acquiring) > 0 { usleep(50) }
  }

  private func wake() {
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
  }

  /// Runs `job` once on every thread, the caller's included, and returns when all are done.
  public func run(_ argument: UnsafeRawPointer, _ job: Job) {
    if threadCount > 1 {
      self.job = job
      self.argument = argument
      remaining.store(threadCount - 1, ordering: .relaxed)
      wake()
    }
    job(0, argument)
    while remaining.load(ordering: .acquiring) > 0 { facet_spin_pause() }
  }

  private func work(_ worker: Int) {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen {
        facet_spin_pause()
        spins += 1
        if spins > Self.spins { sleep(after: seen) }
      }
      seen = generation.load(ordering: .acquiring)
      if stopping.load(ordering: .acquiring) { break }
      if let job, let argument { job(worker, argument) }
      remaining.subtract(1, ordering: .releasing)
    }
    live.subtract(1, ordering: .releasing)
  }

  private func sleep(after seen: Int) {
    condition.lock()
    sleeping.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { condition.wait() }
    sleeping.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}
