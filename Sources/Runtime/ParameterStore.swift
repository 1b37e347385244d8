import Foundation
import IR

/// Two declarations of one symbol that do not agree, or a name that nobody declared.
public struct ParameterStoreError: Error, CustomStringConvertible {
  /// The symbol and the reason.
  public var description: String
}

/// The storage of symbols, shared by the programs of a model.
///
/// A symbol's first value depends on the seed and its name alone, not on the order in which programs are added.
public final class ParameterStore {
  /// A symbol and its memory.
  struct Entry {
    var symbol: Symbol
    var buffer: AlignedBuffer
  }

  /// Seed of the initial values.
  public let seed: UInt64
  var entries: [String: Entry] = [:]

  /// Grows whenever contents may have changed: when elements are handed out for writing, and when a program that updates
  /// parameters runs. What is derived from parameters is computed anew after it has grown.
  public internal(set) var generation = 0

  /// An empty store.
  public init(seed: UInt64) { self.seed = seed }

  /// Names of all symbols, sorted.
  public var names: [String] { entries.keys.sorted() }

  /// A declaration by name.
  public func symbol(_ name: String) -> Symbol? { entries[name]?.symbol }

  /// Bytes held.
  public var byteCount: Int { entries.values.reduce(0) { $0 + $1.symbol.type.byteCount } }

  /// Creates and fills the symbols of a program that are not there yet.
  public func add(_ program: Program) throws(ParameterStoreError) {
    for use in program.symbols { try add(use.symbol) }
  }

  /// Where symbols are placed next to each other, so that small ones lie in large pages too.
  private var region: PageRegion?
  private static let regionByteCount = 32 << 20

  private func place(_ byteCount: Int) -> AlignedBuffer {
    if let region, let buffer = AlignedBuffer(byteCount: byteCount, in: region) { return buffer }
    let next = PageRegion(byteCount: max(Self.regionByteCount, byteCount + AlignedBuffer.slack))
    // A symbol with a region to itself leaves the open one to those that follow.
    if byteCount < Self.regionByteCount / 2 { region = next }
    return AlignedBuffer(byteCount: byteCount, in: next) ?? AlignedBuffer(byteCount: byteCount)
  }

  /// Creates and fills a symbol. A temporary one has memory of its own, given back as soon as it is removed.
  func add(_ symbol: Symbol, isTemporary: Bool = false) throws(ParameterStoreError) {
    if let known = entries[symbol.name] {
      guard known.symbol.type == symbol.type else {
        throw ParameterStoreError(
          description: "@\(symbol.name) is \(known.symbol.type) in one program and \(symbol.type) in another")
      }
      return
    }
    let byteCount = symbol.type.byteCount
    let buffer = isTemporary ? AlignedBuffer(byteCount: byteCount) : place(byteCount)
    if case .narrowed(let source, let narrowing) = symbol.initializer {
      try narrow(source, narrowing, into: buffer, for: symbol)
    } else if symbol.type.dtype == .f32 {
      try fill(symbol, buffer)
    }
    entries[symbol.name] = Entry(symbol: symbol, buffer: buffer)
  }

  private func fill(_ symbol: Symbol, _ buffer: AlignedBuffer) throws(ParameterStoreError) {
    let count = symbol.type.count
    let values = UnsafeMutableBufferPointer(start: buffer.base.assumingMemoryBound(to: Float.self), count: count)
    var random = RandomStream(seed: seed, stream: Self.hash(symbol.name))
    switch symbol.initializer {
    case .zeros: break
    case .ones: for i in 0..<count { values[i] = 1 }
    case .normal(let deviation): Self.fillNormal(values, mean: 0, deviation: deviation, &random)
    case .normalAround(let mean, let deviation): Self.fillNormal(values, mean: mean, deviation: deviation, &random)
    case .uniform(let bound): for i in 0..<count { values[i] = Float(2 * random.uniform() - 1) * bound }
    case .unitRows(let bound):
      let width = symbol.type.lastExtent
      for row in 0..<symbol.type.rowCount {
        var sum: Float = 0
        for i in row * width..<(row + 1) * width {
          values[i] = Float(2 * random.uniform() - 1) * bound
          sum += values[i] * values[i]
        }
        let norm = max(sum.squareRoot(), 1e-12)
        for i in row * width..<(row + 1) * width { values[i] /= norm }
      }
    case .rotary2D(let grid, let base): Self.fillRotary(values, symbol.type.shape, grid, Double(base))
    case .lattice(let levels): Self.fillLattice(values, levels)
    case .narrowed: break
    case .copy(let source):
      guard let entry = entries[source], entry.symbol.type == symbol.type else {
        throw ParameterStoreError(description: "@\(symbol.name) starts as a copy of @\(source), which is not there")
      }
      memcpy(buffer.base, entry.buffer.base, symbol.type.byteCount)
    }
  }

  private static func fillNormal(
    _ values: UnsafeMutableBufferPointer<Float>, mean: Float, deviation: Float, _ random: inout RandomStream
  ) {
    for i in values.indices {
      // Box-Muller; 1 - u keeps the logarithm finite.
      let radius = (-2 * log(1 - random.uniform())).squareRoot()
      values[i] = mean + Float(radius * cos(2 * Double.pi * random.uniform())) * deviation
    }
  }

  private static func fillLattice(_ values: UnsafeMutableBufferPointer<Float>, _ levels: [Int]) {
    for row in 0..<values.count / max(1, levels.count) {
      var rest = row
      for (dimension, count) in levels.enumerated() {
        values[row * levels.count + dimension] = count > 1 ? -1 + 2 * Float(rest % count) / Float(count - 1) : 0
        rest /= count
      }
    }
  }

  private static func fillRotary(
    _ values: UnsafeMutableBufferPointer<Float>, _ shape: [Int], _ grid: Int, _ base: Double
  ) {
    let pairs = shape[1]
    for row in 1..<shape[0] {
      let (y, x) = ((row - 1) / grid, (row - 1) % grid)
      for pair in 0..<pairs {
        // The first half of the pairs turns with the row, the second with the column.
        let half = pairs / 2
        let frequency = pow(base, -Double(2 * (pair % half)) / Double(pairs))
        let angle = Double(pair < half ? y : x) * frequency
        values[(row * pairs + pair) * 2] = Float(cos(angle))
        values[(row * pairs + pair) * 2 + 1] = Float(sin(angle))
      }
    }
  }

  private static func hash(_ name: String) -> UInt64 {
    // FNV-1a: stable between runs and machines.
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The memory of a symbol.
  func base(_ name: String) -> UnsafeMutableRawPointer? { entries[name]?.buffer.base }

  /// The bytes of a symbol.
  public func bytes(_ name: String) -> UnsafeMutableRawBufferPointer? {
    generation += 1
    return entries[name].map { UnsafeMutableRawBufferPointer(start: $0.buffer.base, count: $0.symbol.type.byteCount) }
  }

  /// The f32 elements of a symbol.
  public func floats(_ name: String) -> UnsafeMutableBufferPointer<Float>? {
    generation += 1
    guard let entry = entries[name], entry.symbol.type.dtype == .f32 else { return nil }
    return UnsafeMutableBufferPointer(
      start: entry.buffer.base.assumingMemoryBound(to: Float.self), count: entry.symbol.type.count)
  }

  /// The i32 elements of a symbol.
  public func integers(_ name: String) -> UnsafeMutableBufferPointer<Int32>? {
    generation += 1
    guard let entry = entries[name], entry.symbol.type.dtype == .i32 else { return nil }
    return UnsafeMutableBufferPointer(
      start: entry.buffer.base.assumingMemoryBound(to: Int32.self), count: entry.symbol.type.count)
  }
}
