import Foundation

/// Prepares batches on a thread of its own while the caller trains on an earlier one, in the caller's buffers, without any
/// copy. Two buffers let one batch be prepared ahead, three let two. Threads wait on a condition, never in a loop.
///
/// One thread calls `next`. The loader ends with `stop`, or by losing its last reference.
public final class BatchLoader {
  /// A batch that is ready, valid until `next` is called again.
  public struct Batch: Sendable {
    /// The step it belongs to.
    public let step: Int
    /// Which of the loader's buffers holds it.
    public let slot: Int
    /// That buffer.
    public let buffer: BatchBuffer
  }

  private let line: PreparationLine
  private var inUse: Int?

  /// Starts to prepare the batches of `steps`, in order.
  /// - Parameters:
  ///   - buffers: at least two, each of the source's batch size.
  ///   - steps: the first and the end; a resumed run begins at the step after its checkpoint.
  public init(source: BatchSource, buffers: [BatchBuffer], steps: Range<Int>) {
    precondition(buffers.count >= 2, "one buffer cannot be used and prepared at once")
    let line = PreparationLine(source: source, buffers: buffers, steps: steps)
    self.line = line
    let thread = Thread { line.run() }
    thread.name = "facet.batches"
    thread.start()
  }

  deinit { stop() }

  /// The next batch, waiting for it where needed; `nil` after the last step. Gives the batch returned before back for reuse.
  /// - Throws: what the source threw for that step; the batches before it are given first. No batch follows an error.
  public func next() throws -> Batch? {
    let returned = inUse
    inUse = nil
    let batch = try line.take(returning: returned)
    inUse = batch?.slot
    return batch
  }

  /// Ends the preparation and waits until the thread has left the buffers.
  public func stop() { line.stop() }
}

/// What the two threads share; every access is under the condition's lock.
private final class PreparationLine: @unchecked Sendable {
  private let source: BatchSource
  private let buffers: [BatchBuffer]
  private let condition = NSCondition()
  private var pending: Range<Int>
  private var free: [Int]
  private var ready: [BatchLoader.Batch] = []
  private var failure: (any Error)?
  private var isStopped = false
  private var isRunning = true

  init(source: BatchSource, buffers: [BatchBuffer], steps: Range<Int>) {
    self.source = source
    self.buffers = buffers
    pending = steps
    free = Array(buffers.indices)
  }

  func run() {
    while let (step, slot) = claim() {
      do {
        try source.fill(step: step, into: buffers[slot])
        deliver(BatchLoader.Batch(step: step, slot: slot, buffer: buffers[slot]), failure: nil)
      } catch {
        deliver(nil, failure: error)
      }
    }
    condition.lock()
    isRunning = false
    condition.broadcast()
    condition.unlock()
  }

  /// The next step and a free buffer; `nil` when there is nothing left to do.
  private func claim() -> (step: Int, slot: Int)? {
    condition.lock()
    defer { condition.unlock() }
    while free.isEmpty && !pending.isEmpty && !isStopped { condition.wait() }
    guard !isStopped, failure == nil, let step = pending.first else { return nil }
    pending = step + 1..<pending.upperBound
    return (step, free.removeFirst())
  }

  private func deliver(_ batch: BatchLoader.Batch?, failure: (any Error)?) {
    condition.lock()
    if let batch { ready.append(batch) }
    self.failure = failure
    condition.broadcast()
    condition.unlock()
  }

  func take(returning slot: Int?) throws -> BatchLoader.Batch? {
    condition.lock()
    defer { condition.unlock() }
    if let slot {
      free.append(slot)
      condition.broadcast()
    }
    while ready.isEmpty && isRunning && failure == nil { condition.wait() }
    if !ready.isEmpty && !isStopped { return ready.removeFirst() }
    if let failure { throw failure }
    return nil
  }

  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while isRunning { condition.wait() }
    condition.unlock()
  }
}
