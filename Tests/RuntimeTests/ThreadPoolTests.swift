import Foundation
import Synchronization
import Testing

@testable import Runtime

@Suite(.serialized) struct ThreadPoolTests {
  private final class Counter: Sendable {
    private let atomic = Atomic<Int>(0)
    var value: Int { atomic.load(ordering: .sequentiallyConsistent) }
    func add(_ count: Int) -> Int { atomic.add(count, ordering: .sequentiallyConsistent).newValue }
  }

  /// What the jobs of these tests work on: calls by thread, and a round that only the caller moves on.
  private final class Tally: Sendable {
    let calls: [Counter]
    let lateCalls = Counter()
    let round = Counter()

    init(_ count: Int) { calls = (0..<count).map { _ in Counter() } }
  }

  private func count(on pool: ThreadPool, _ tally: Tally) {
    withExtendedLifetime(tally) {
      pool.run(UnsafeRawPointer(Unmanaged.passUnretained(tally).toOpaque())) { worker, argument in
        let tally = Unmanaged<Tally>.fromOpaque(argument).takeUnretainedValue()
        _ = tally.calls[worker].add(1)
      }
    }
  }

  @Test(arguments: 1...4) func everyThreadRunsEveryJobOnce(_ threads: Int) {
    let pool = ThreadPool(threadCount: threads)
    #expect(pool.threadCount == threads)
    let tally = Tally(threads)
    for _ in 0..<2000 { count(on: pool, tally) }
    for worker in 0..<threads { #expect(tally.calls[worker].value == 2000) }
  }

  /// `run` returns only when all threads are done: a job never sees the next round.
  @Test func jobsDoNotOverlap() {
    let pool = ThreadPool(threadCount: 3)
    let tally = Tally(3)
    withExtendedLifetime(tally) {
      for round in 1...1000 {
        #expect(tally.round.add(1) == round)
        pool.run(UnsafeRawPointer(Unmanaged.passUnretained(tally).toOpaque())) { worker, argument in
          let tally = Unmanaged<Tally>.fromOpaque(argument).takeUnretainedValue()
          let before = tally.round.value
          if worker > 0 && before % 200 == 0 { usleep(300) }
          let seen = tally.calls[worker].add(1)
          if seen != before || tally.round.value != before {
            _ = tally.lateCalls.add(1)
          }
        }
      }
    }
    #expect(tally.lateCalls.value == 0)
  }

  /// Threads that went to sleep come back for the next job.
  @Test func sleepingThreadsWake() {
    let pool = ThreadPool(threadCount: 2)
    let tally = Tally(2)
    for _ in 0..<30 {
      count(on: pool, tally)
      usleep(3000)
    }
    #expect(tally.calls[1].value == 30)
  }

  /// Names of the pools' threads that exist, from the kernel's list of this process; nil where there is none.
  private func workerCount() -> Int? {
    guard let tasks = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") else { return nil }
    return tasks.count { task in
      let name = try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8)
      return name?.hasPrefix("facet-worker-9") ?? false
    }
  }

  /// A pool that is let go ends its threads, whether they spin, sleep or have just started.
  @Test func threadsEndWithTheirPool() throws {
    guard let before = workerCount() else { return }
    for round in 0..<40 {
      // Nobody else has pools of ten threads, whose last is number 9.
      let pool = ThreadPool(threadCount: 10)
      if round % 2 == 0 { count(on: pool, Tally(10)) }
      if round % 10 == 0 { usleep(3000) }
    }
    for _ in 0..<200 where workerCount() != before { usleep(10_000) }
    #expect(workerCount() == before)
  }

  @Test func poolsWorkSideBySide() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let pool = ThreadPool(threadCount: 2)
          let tally = Tally(2)
          for _ in 0..<500 { count(on: pool, tally) }
          return tally.calls[0].value + tally.calls[1].value
        }
      }
      for await calls in group { #expect(calls == 1000) }
    }
  }
}
