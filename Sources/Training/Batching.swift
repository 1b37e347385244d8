extension Range<Int> {
  /// The range in parts of `size`, the last of which may be smaller.
  public func batches(of size: Int) -> [Range<Int>] {
    stride(from: lowerBound, to: upperBound, by: size).map { $0..<Swift.min($0 + size, upperBound) }
  }
}

extension Sequence {
  /// Reads elements one after another and hands on what was read in batches of `size`, the last of which may be smaller.
  ///
  /// - Parameters:
  ///   - read: The values of an element, in order.
  ///   - onUnreadable: Told why an element could not be read, which is left out unless this throws.
  ///   - body: Works on a batch.
  public func forEachBatch<Value>(
    of size: Int, reading read: (Element) throws -> [Value], onUnreadable: (any Error) throws -> Void,
    body: (_ batch: [(element: Element, value: Value)]) throws -> Void
  ) throws {
    var waiting: [(element: Element, value: Value)] = []
    for element in self {
      let values: [Value]
      do { values = try read(element) } catch {
        try onUnreadable(error)
        continue
      }
      for value in values {
        waiting.append((element, value))
        guard waiting.count == size else { continue }
        try body(waiting)
        waiting.removeAll(keepingCapacity: true)
      }
    }
    if !waiting.isEmpty { try body(waiting) }
  }
}
