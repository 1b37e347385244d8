import IR
import Ops
import Planning
import TestSupport
import Testing

@testable import Runtime

@Suite struct ParameterStoreTests {
  private func program(_ symbols: [Symbol]) -> Program {
    var program = Program(name: "symbols")
    for symbol in symbols { _ = program.addSymbol(symbol) }
    return program
  }

  private func store(_ symbols: [Symbol], seed: UInt64 = 7) throws -> ParameterStore {
    let store = ParameterStore(seed: seed)
    try store.add(program(symbols))
    return store
  }

  private func symbol(_ name: String, _ shape: [Int], _ initializer: Initializer) -> Symbol {
    Symbol(name: name, type: TensorType(.f32, shape), role: .parameter, initializer: initializer)
  }

  private func values(_ symbol: Symbol, seed: UInt64 = 7) throws -> [Float] {
    try values(symbol.name, in: store([symbol], seed: seed))
  }

  private func values(_ name: String, in store: ParameterStore) throws -> [Float] {
    try withExtendedLifetime(store) { Array(try #require(store.floats(name))) }
  }

  /// Mean, standard deviation and fourth moment over the squared variance.
  private func moments(_ x: [Float]) -> (mean: Double, deviation: Double, kurtosis: Double) {
    let count = Double(x.count)
    let mean = x.reduce(0) { $0 + Double($1) } / count
    let second = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let fourth = x.reduce(0.0) {
      let square = (Double($1) - mean) * (Double($1) - mean)
      return $0 + square * square
    }
    return (mean, second.squareRoot(), fourth / count / (second * second))
  }

  @Test func normalHasItsMoments() throws {
    let x = try values(symbol("w", [400, 500], .normal(deviation: 0.02)))
    let (mean, deviation, kurtosis) = moments(x)
    #expect(abs(mean) < 5 * 0.02 / 447)
    #expect(abs(deviation / 0.02 - 1) < 0.01)
    #expect(abs(kurtosis - 3) < 0.06)
    #expect(x.allSatisfy { $0.isFinite && abs($0) < 0.14 })
  }

  @Test func uniformFillsItsRange() throws {
    let x = try values(symbol("w", [100_000], .uniform(bound: 0.25)))
    let (mean, deviation, kurtosis) = moments(x)
    #expect(abs(mean) < 0.003 && abs(deviation - 0.25 / 3.0.squareRoot()) < 0.002 && abs(kurtosis - 1.8) < 0.03)
    #expect(x.allSatisfy { $0 >= -0.25 && $0 < 0.25 })
    #expect((x.min() ?? 0) < -0.249 && (x.max() ?? 0) > 0.249)
  }

  @Test func unitRowsHaveUnitNorm() throws {
    let x = try values(symbol("codebook", [300, 8], .unitRows(bound: 1.0 / 300)))
    var rows: Set<[Float]> = []
    for row in 0..<300 {
      let elements = Array(x[row * 8..<(row + 1) * 8])
      rows.insert(elements)
      #expect(abs(elements.reduce(0) { $0 + $1 * $1 } - 1) < 1e-6)
    }
    #expect(rows.count == 300)
    #expect(abs(moments(x).mean) < 0.03)
  }

  @Test func constantsAreExact() throws {
    #expect(try values(symbol("z", [3, 5], .zeros)) == [Float](repeating: 0, count: 15))
    #expect(try values(symbol("o", [7], .ones)) == [Float](repeating: 1, count: 7))
  }

  @Test(arguments: [1, 2, 3, 8]) func rotaryTableIsTheMethods(_ grid: Int) throws {
    for pairs in [2, 4, 16] {
      let type = TensorType.f32(grid * grid + 1, pairs, 2)
      let found = try values(symbol("table", type.shape, .rotary2D(grid: grid, base: 10_000)))
      let comparison = compare(
        found, to: rotaryTable(type, grid: grid, base: 10_000), Tolerance(absolute: 1e-7, relative: 1e-7))
      #expect(comparison.passes, "\(comparison)")
    }
  }

  @Test func copiesEqualTheirSource() throws {
    let source = symbol("w", [40], .normal(deviation: 1))
    let copy = Symbol(name: "average.w", type: source.type, role: .state, initializer: .copy(of: "w"))
    let store = try store([source, copy])
    #expect(try values("average.w", in: store) == values("w", in: store))
    #expect(throws: ParameterStoreError.self) { try self.store([copy, source]) }
    let other = Symbol(name: "v", type: .f32(41), role: .state, initializer: .copy(of: "w"))
    #expect(throws: ParameterStoreError.self) { try self.store([source, other]) }
  }

  @Test func aFailedDeclarationLeavesNothingBehind() throws {
    let store = ParameterStore(seed: 1)
    let copy = Symbol(name: "average.w", type: .f32(4), role: .state, initializer: .copy(of: "w"))
    #expect(throws: ParameterStoreError.self) { try store.add(program([copy])) }
    #expect(store.names.isEmpty)
    try store.add(program([symbol("w", [4], .ones), copy]))
    #expect(try values("average.w", in: store) == [1, 1, 1, 1])
  }

  @Test func valuesDependOnSeedAndNameOnly() throws {
    let symbols = ["a", "b", "c", "d"].map { symbol($0, [33], .normal(deviation: 1)) }
    let forward = try store(symbols)
    let backward = ParameterStore(seed: 7)
    for symbol in symbols.reversed() { try backward.add(program([symbol])) }
    var seen: Set<[Float]> = []
    for symbol in symbols {
      let x = try values(symbol.name, in: forward)
      #expect(try x == values(symbol.name, in: backward))
      #expect(try x != values(symbol, seed: 8))
      seen.insert(x)
    }
    #expect(seen.count == 4, "two symbols start equal")
  }

  @Test func programsShareSymbolsOfOneType() throws {
    let store = try store([symbol("w", [4], .ones)])
    store.floats("w")?[2] = 5
    try store.add(program([symbol("w", [4], .zeros), symbol("v", [2], .zeros)]))
    #expect(store.floats("w")?[2] == 5)
    #expect(store.names == ["v", "w"])
    #expect(store.byteCount == 24)
    #expect(throws: ParameterStoreError.self) { try store.add(program([symbol("w", [2, 2], .ones)])) }
    #expect(store.floats("nothing") == nil)
    #expect(store.integers("w") == nil)
    #expect(store.bytes("w")?.count == 16)
  }
}
