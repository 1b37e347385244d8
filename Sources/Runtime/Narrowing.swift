import IR
import KernelInterface

extension ParameterStore {
  /// Fills a new symbol from the f32 symbol that it is narrowed from, as that is now.
  func narrow(
    _ source: String, _ narrowing: Narrowing, into buffer: AlignedBuffer, for symbol: Symbol
  ) throws(ParameterStoreError) {
    guard let entry = entries[source] else {
      throw ParameterStoreError(description: "@\(symbol.name) is narrowed from @\(source), which is not there")
    }
    let full = entry.symbol.type
    guard narrowing.type(of: full) == symbol.type else {
      throw ParameterStoreError(
        description: "@\(symbol.name) is \(symbol.type), but @\(source) is \(full), which does not narrow to that")
    }
    let matrix = UnsafeBufferPointer(
      start: UnsafePointer(entry.buffer.base.assumingMemoryBound(to: Float.self)), count: full.count)
    narrowing.narrow(matrix, width: full.lastExtent, into: buffer.base)
  }

  /// Creates the symbols of a program, some of which are narrowed from parameters of `original`. A parameter that was
  /// not there before exists only while it is narrowed, so that the two forms are never both held of more than one.
  ///
  /// - Parameter load: Fills a parameter just created, by name, if it is not to keep its first value.
  public func add(
    _ program: Program, narrowedFrom original: Program, load: (String) throws -> Void = { _ in }
  ) throws {
    let originals = Dictionary(uniqueKeysWithValues: original.symbols.map { ($0.symbol.name, $0.symbol) })
    var pending: [(source: String, symbols: [Symbol])] = []
    for use in program.symbols where entries[use.symbol.name] == nil {
      if case .narrowed(let source, _) = use.symbol.initializer, entries[source] == nil {
        if pending.last?.source != source { pending.append((source, [])) }
        pending[pending.count - 1].symbols.append(use.symbol)
      } else {
        try add(use.symbol)
        if use.symbol.role == .parameter { try load(use.symbol.name) }
      }
    }
    for (source, symbols) in pending {
      guard let declaration = originals[source] else {
        throw ParameterStoreError(description: "@\(source) is not a symbol of @\(original.name)")
      }
      try add(declaration, isTemporary: true)
      try load(source)
      for symbol in symbols { try add(symbol) }
      entries[source] = nil
    }
  }
}

extension Narrowing {
  /// Writes what is kept of a matrix with rows of `width` elements.
  func narrow(_ matrix: UnsafeBufferPointer<Float>, width: Int, into target: UnsafeMutableRawPointer) {
    guard width > 0 else { return }
    switch self {
    case .bf16:
      let elements = target.assumingMemoryBound(to: UInt16.self)
      for index in matrix.indices { elements[index] = BrainFloat.bits(matrix[index]) }
    case .i8:
      let elements = target.assumingMemoryBound(to: Int8.self)
      for row in 0..<matrix.count / width {
        let range = row * width..<(row + 1) * width
        let scale = Self.scale(matrix[range])
        for index in range { elements[index] = Self.i8(matrix[index], scale: scale) }
      }
    case .scales:
      let elements = target.assumingMemoryBound(to: Float.self)
      for row in 0..<matrix.count / width { elements[row] = Self.scale(matrix[row * width..<(row + 1) * width]) }
    }
  }

  private static func scale(_ row: Slice<UnsafeBufferPointer<Float>>) -> Float {
    // A maximum that keeps infinity and NaN, so that a broken row is not hidden.
    row.reduce(0) { $1.magnitude > $0 || $1.isNaN ? $1.magnitude : $0 } / 127
  }

  private static func i8(_ value: Float, scale: Float) -> Int8 {
    guard scale > 0 && scale.isFinite && value.isFinite else { return 0 }
    return Int8(max(-127, min(127, (value / scale).rounded(.toNearestOrEven))))
  }
}
