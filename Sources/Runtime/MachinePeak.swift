import Foundation
import KernelInterface

/// What this machine can do at most, measured: the yardstick of every benchmark.
public struct MachinePeak: Sendable {
  /// Floating-point operations per second in multiply-adds on all threads.
  public var flops: Double
  /// Bytes per second read from memory on all threads.
  public var readBytes: Double
  /// Seconds from handing a job to a spinning pool until it has returned.
  public var handoff: Double

  /// The peak of a machine that is known already.
  public init(flops: Double, readBytes: Double, handoff: Double) {
    self.flops = flops
    self.readBytes = readBytes
    self.handoff = handoff
  }

  /// Measures, for about half a second.
  public init(pool: ThreadPool, kernels: KernelSelection) {
    let threads = pool.threadCount
    let sink = AlignedBuffer(byteCount: threads * 4)
    // Far more than caches hold, some of which keep part of what is read in turns.
    let elements = (64 << 20) / threads / 1024 * 1024
    let source = AlignedBuffer(byteCount: threads * elements * 4)
    let (input, output) = (
      FloatInput(source.base.assumingMemoryBound(to: Float.self)), sink.base.assumingMemoryBound(to: Float.self)
    )
    func best(_ runs: Int, _ kind: ProbeKind, _ count: Int) -> Double {
      let job = Job(
        kernels: kernels.kernels,
        probe: ProbeArguments(kind: kind, source: input, sink: output, count: count, unitCount: threads))
      return withUnsafePointer(to: job) { pointer in
        (0..<runs).map { _ in
          Stopwatch.seconds {
            pool.run(UnsafeRawPointer(pointer)) { worker, argument in
              let job = argument.assumingMemoryBound(to: Job.self)
              job.pointee.kernels.probe(job.pointee.probe, worker..<worker + 1)
            }
          }
        }.min() ?? .infinity
      }
    }
    let rounds = 1 << 20
    let work = Double(2 * ProbeArguments.chains * kernels.kernels.vectorWidth * rounds * threads)
    flops = work / best(9, .multiplyAdd, rounds)
    readBytes = Double(threads * elements * 4) / best(9, .read, elements)
    handoff = best(2000, .read, 0)
  }

  private struct Job {
    var kernels: any KernelSet.Type
    var probe: ProbeArguments
  }
}

/// Clocks.
public enum Stopwatch {
  /// Seconds on the wall since some fixed moment.
  public static var wall: Double { read(CLOCK_MONOTONIC) }
  /// Seconds of processor time of the calling thread.
  public static var thread: Double { read(CLOCK_THREAD_CPUTIME_ID) }

  private static func read(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Seconds on the wall that `body` takes.
  public static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = wall
    try body()
    return wall - start
  }
}
