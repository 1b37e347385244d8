import Foundation
import Spec
import Storage
import Testing

@testable import Training

/// Codes: their file, their batches, and their statistics.
struct CodeTests {
  private func codes(_ model: TinyModel, count: Int) -> CodeSet {
    var codes = CodeSet(model.spec, tokenizerStep: 12)
    codes.labels = (0..<Int32(count)).map { $0 % 2 }
    codes.codes = [16, 9].map { size in (0..<Int32(count * codes.tokens)).map { $0 * 7 % size } }
    return codes
  }

  @Test func fileRoundTrips() throws {
    let model = try TinyModel()
    let codes = codes(model, count: 5)
    let path = model.folder + "/codes.safetensors"
    try codes.save(path, books: model.spec.tokenizer.codebooks)
    #expect(try CodeSet.load(path, model.spec) == codes)
  }

  @Test func codesOfAnotherModelAreRefused() throws {
    let model = try TinyModel()
    let path = model.folder + "/codes.safetensors"
    try codes(model, count: 5).save(path, books: model.spec.tokenizer.codebooks)
    var (smaller, wider, renamed) = (model.spec, model.spec, model.spec)
    smaller.tokenizer.codebooks[0].size = 8
    wider.image.size = 32
    renamed.tokenizer.codebooks[1].name = "third"
    func message(_ spec: ModelSpec) -> String {
      do { return "\(try CodeSet.load(path, spec).count)" } catch { return "\(error)" }
    }
    #expect(message(smaller).contains("'codes.first' holds 14 at 2, but the codebook has 8 entries"))
    #expect(message(wider).contains("'codes.first' has shape [5, 64], the model needs [5, 256]"))
    #expect(message(renamed).contains("codes.third"))
  }

  @Test func everyEpochShowsEveryGridOnce() throws {
    let model = try TinyModel()
    let codes = codes(model, count: 6)
    var batches = CodeBatches(codes, batch: 4, seed: 1)
    let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 4)
    let inputs = (0..<2).map { _ in UnsafeMutableBufferPointer<Int32>.allocate(capacity: 4 * codes.tokens) }
    defer {
      labels.deallocate()
      inputs.forEach { $0.deallocate() }
    }
    var seen: [[Int32]] = []
    for step in 0..<3 {
      batches.fill(step: step, labels: labels, inputs: inputs)
      for row in 0..<4 {
        let part = row * codes.tokens..<(row + 1) * codes.tokens
        seen.append([labels[row]] + inputs.flatMap { Array($0[part]) })
      }
    }
    let all = (0..<6).map { sample -> [Int32] in
      let part = sample * codes.tokens..<(sample + 1) * codes.tokens
      return [codes.labels[sample]] + codes.codes.flatMap { Array($0[part]) }
    }
    #expect(Set(seen[..<6]) == Set(all))
    #expect(Set(seen[6...]) == Set(all))
    #expect(Array(seen[..<6]) != Array(seen[6...]))
  }

  @Test func windowForgetsTheOldestAndRemembersItsOrder() {
    var window = UsageWindow(size: 4)
    func add(_ values: [Int32]) { values.withUnsafeBufferPointer { window.add($0) } }
    #expect(window.usage == 0 && window.perplexity == 0)
    add([0, 1, 1, 0, -1, 4])
    #expect(window.usage == 0.5)
    #expect(abs(window.perplexity - 2) < 1e-12)
    add(Array(repeating: 2, count: UsageWindow.capacity - 1))
    #expect(window.usage == 0.5)
    #expect(window.history.prefix(2) == [0, 2])
    add([3, 3])
    #expect(window.history.suffix(3) == [2, 3, 3])
    #expect(window.history.count == UsageWindow.capacity)
    let again = UsageWindow(size: 4, history: window.history)
    #expect(again.history == window.history && again.perplexity == window.perplexity)
  }

  @Test func jointStatistics() {
    var independent = CodeStatistics(sizes: [2, 2])
    independent.add([[0, 0, 1, 1], [0, 1, 0, 1]])
    #expect(independent.combinationCount == 4 && abs(independent.jointPerplexity - 4) < 1e-12)
    #expect(abs(independent.sharedBits) < 1e-12)
    var same = CodeStatistics(sizes: [2, 4])
    same.add([[0, 0, 1, 1], [0, 0, 1, 1]])
    #expect(same.combinationCount == 2 && abs(same.sharedBits - 1) < 1e-12)
    #expect(same.usage(1) == 0.5 && abs(same.perplexity(1) - 2) < 1e-12)
  }

  /// Whatever the order in which combinations are met, and in which a dictionary holds them.
  @Test func equalCodesGiveEqualBits() {
    let codes = (0..<3000).map { Int32($0 * $0 % 97) }
    let others = codes.indices.map { Int32($0 * $0 * $0 % 89) }
    let measures = [codes.indices.map { $0 }, codes.indices.reversed().map { $0 }].map { order in
      var statistics = CodeStatistics(sizes: [97, 89])
      for position in order { statistics.add([[codes[position]], [others[position]]]) }
      return [statistics.jointPerplexity, statistics.sharedBits]
    }
    #expect(measures[0] == measures[1])
  }
}
