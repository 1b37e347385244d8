import CProcessor
import Foundation
import Synchronization

/// Worker threads that run the parts of one job at a time.
///
/// A job is handed over through an atomic generation counter: workers spin on it for some microseconds, then sleep on a
/// condition, so an idle pool uses no processor time. The division of work depends on sizes alone.
public final class ThreadPool: Sendable {
  /// What every worker runs: worker index and an opaque argument.
  public typealias Job = @convention(thin) (_ worker: Int, _ argument: UnsafeRawPointer) -> Void

  /// Number of threads that work on a job, the caller included.
  public let threadCount: Int

  /// Workers hold the handover and not the pool, so a pool that is let go can tell them to end.
  private let handover: Handover

  /// A pool of `threadCount` threads; by default one per processor, or what `FACET_THREADS` says.
  public init(threadCount: Int? = nil) {
    let fallback = ProcessInfo.processInfo.environment["FACET_THREADS"].flatMap(Int.init)
    let count = max(1, threadCount ?? fallback ?? ProcessInfo.processInfo.activeProcessorCount)
    let handover = Handover()
    self.threadCount = count
    self.handover = handover
    for worker in 1..<count {
      let thread = Thread { handover.work(worker) }
      thread.stackSize = 1 << 20
      thread.name = "facet-worker-\(worker)"
      thread.start()
    }
  }

  deinit { handover.stop() }

  /// Runs `job` once on every thread, the caller's included, and returns when all are done. One caller at a time.
  public func run(_ argument: UnsafeRawPointer, _ job: Job) {
    if threadCount > 1 { handover.offer(argument, job, workers: threadCount - 1) }
    job(0, argument)
    if threadCount > 1 { handover.wait() }
  }
}

/// What the caller and the workers of a pool share.
private final class Handover: @unchecked Sendable {
  private let generation = Atomic<Int>(0)
  private let remaining = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private let condition = NSCondition()
  // Written before `generation` moves on and read after, so the counter orders every access.
  private var job: ThreadPool.Job?
  private var argument: UnsafeRawPointer?
  /// Turns of waiting before a thread offers its processor to others: some tens of microseconds.
  private static let patience = 2_000
  /// Turns of waiting before a worker goes to sleep.
  private static let endurance = 20_000

  func offer(_ argument: UnsafeRawPointer, _ job: ThreadPool.Job, workers: Int) {
    self.job = job
    self.argument = argument
    remaining.store(workers, ordering: .relaxed)
    wake()
  }

  func wait() {
    var turns = 0
    while remaining.load(ordering: .acquiring) > 0 { Self.pause(&turns) }
  }

  /// Waits a moment; one that has waited long may stand in the way of a thread without a processor.
  private static func pause(_ turns: inout Int) {
    facet_spin_pause()
    turns += 1
    if turns > patience && turns % 64 == 0 { sched_yield() }
  }

  func stop() {
    stopping.store(true, ordering: .releasing)
    wake()
  }

  private func wake() {
    generation.add(1, ordering: .sequentiallyConsistent)
    if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
      condition.lock()
      condition.broadcast()
      condition.unlock()
    }
  }

  func work(_ worker: Int) {
    var seen = 0
    while true {
      var turns = 0
      while generation.load(ordering: .acquiring) == seen {
        Self.pause(&turns)
        if turns > Self.endurance { sleep(after: seen) }
      }
      seen = generation.load(ordering: .acquiring)
      if stopping.load(ordering: .acquiring) { return }
      if let job, let argument { job(worker, argument) }
      remaining.subtract(1, ordering: .releasing)
    }
  }

  private func sleep(after seen: Int) {
    condition.lock()
    sleeping.add(1, ordering: .sequentiallyConsistent)
    while generation.load(ordering: .sequentiallyConsistent) == seen { condition.wait() }
    sleeping.subtract(1, ordering: .sequentiallyConsistent)
    condition.unlock()
  }
}
