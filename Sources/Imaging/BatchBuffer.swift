/// Memory for one batch, to be reused: f32 pixels `[batch, size, size, 3]` and i32 labels `[batch]`. It either owns its memory
/// or describes the caller's, for instance the inputs of a compiled program. Who fills it holds a reference meanwhile; the
/// pointers are valid as long as the object is referenced (or, for the caller's memory, as long as the caller says).
public final class BatchBuffer: @unchecked Sendable {
  /// The pixels, in [-1, 1].
  public let pixels: UnsafeMutableBufferPointer<Float>
  /// The classes.
  public let labels: UnsafeMutableBufferPointer<Int32>
  private let ownsMemory: Bool
  private let owner: AnyObject?

  /// New memory, filled with zeros.
  public init(batch: Int, size: Int) {
    pixels = .allocate(capacity: batch * size * size * 3)
    labels = .allocate(capacity: batch)
    pixels.initialize(repeating: 0)
    labels.initialize(repeating: 0)
    ownsMemory = true
    owner = nil
  }

  /// The caller's memory.
  /// - Parameter owner: an object that the memory belongs to, kept alive as long as this one; without it the caller must not
  ///   free the memory before every loader that uses it has stopped.
  public init(
    pixels: UnsafeMutableBufferPointer<Float>, labels: UnsafeMutableBufferPointer<Int32>, owner: AnyObject? = nil
  ) {
    self.pixels = pixels
    self.labels = labels
    self.owner = owner
    ownsMemory = false
  }

  deinit {
    guard ownsMemory else { return }
    pixels.deallocate()
    labels.deallocate()
  }
}
