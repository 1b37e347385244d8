import KernelInterface
import KernelReference
import Runtime
import Testing

@Suite struct AttentionTests {
  static let shapes: [AttentionExtents] = [
    AttentionExtents(batch: 1, queries: 1, keys: 1, heads: 1, depth: 1, scale: 1, causal: false),
    AttentionExtents(batch: 2, queries: 5, keys: 5, heads: 3, depth: 7, scale: 0.4, causal: false),
    AttentionExtents(batch: 2, queries: 9, keys: 9, heads: 2, depth: 16, scale: 0.25, causal: true),
    AttentionExtents(batch: 1, queries: 70, keys: 70, heads: 2, depth: 33, scale: 0.2, causal: true),
    AttentionExtents(batch: 1, queries: 67, keys: 131, heads: 1, depth: 40, scale: 2, causal: false),
    AttentionExtents(batch: 1, queries: 66, keys: 101, heads: 2, depth: 12, scale: 0.3, causal: true),
    AttentionExtents(batch: 1, queries: 129, keys: 129, heads: 1, depth: 100, scale: 0.1, causal: false),
    AttentionExtents(batch: 3, queries: 4, keys: 4, heads: 5, depth: 32, scale: 0.18, causal: true),
    // Few keys, multiplied without packing: the steps of a factorized head.
    AttentionExtents(batch: 7, queries: 2, keys: 2, heads: 3, depth: 64, scale: 0.125, causal: true),
    AttentionExtents(batch: 2, queries: 1, keys: 3, heads: 2, depth: 16, scale: 0.25, causal: true),
    AttentionExtents(batch: 1, queries: 67, keys: 8, heads: 2, depth: 48, scale: 0.2, causal: false),
  ]

  private func forward(
    _ e: AttentionExtents, _ inputs: [GuardedBuffer<Float>], o: FloatOutput, lse: FloatOutput
  ) -> AttentionArguments {
    AttentionArguments(
      q: inputs[0].pointer, k: inputs[1].pointer, v: inputs[2].pointer, o: o, lse: lse, batch: e.batch,
      queries: e.queries, keys: e.keys, heads: e.heads, depth: e.depth, scale: Float(e.scale), causal: e.causal)
  }

  @Test(arguments: KernelSelection.available, shapes)
  func matchesReference(_ set: InstructionSet, _ e: AttentionExtents) {
    var numbers = Samples(21)
    let (queries, keys) = (e.batch * e.queries * e.heads * e.depth, e.batch * e.keys * e.heads * e.depth)
    let (q, k, v) = (numbers.uniform(queries), numbers.uniform(keys), numbers.uniform(keys))
    let dOutput = numbers.uniform(queries)
    let inputs = [q, k, v, dOutput].map { GuardedBuffer($0) }
    let rows = e.batch * e.heads * e.queries
    let got = runAllOrders(set, outputs: [queries, rows], workspace: 0) { outputs, _ in
      [.attention(forward(e, inputs, o: outputs[0], lse: outputs[1]))]
    }
    var exact = e
    exact.scale = Double(Float(e.scale))
    let expected = Reference.attention(exact, q: q.doubles, k: k.doubles, v: v.doubles)
    // Values are below 1; a logit carries an error of about scale sqrt(D) D eps, which the exponential passes on.
    let magnitude = [Double](repeating: 1 + e.scale * Double(e.depth).squareRoot(), count: max(queries, rows))
    expectClose(got[0], expected.o, magnitude: magnitude, terms: e.keys, "\(set) o \(e)")
    expectClose(got[1], expected.lse, magnitude: magnitude.map { 4 * $0 }, terms: e.depth, "\(set) lse \(e)")

    let (o, lse) = (GuardedBuffer(got[0]), GuardedBuffer(got[1]))
    let gradients = runAllOrders(set, outputs: [queries, keys, keys], workspace: 0) { outputs, _ in
      [
        .attentionGradient(
          AttentionGradientArguments(
            forward: forward(e, inputs, o: o.pointer, lse: lse.pointer), dOutput: inputs[3].pointer, dq: outputs[0],
            dk: outputs[1], dv: outputs[2]))
      ]
    }
    let reference = Reference.attentionGradient(
      exact, q: q.doubles, k: k.doubles, v: v.doubles, dOutput: dOutput.doubles)
    let bound = [Double](
      repeating: (1 + e.scale) * (1 + Double(e.depth).squareRoot()), count: max(queries, keys))
    expectClose(gradients[0], reference.dq, magnitude: bound, terms: e.keys, "\(set) dq \(e)")
    expectClose(gradients[1], reference.dk, magnitude: bound, terms: e.queries, "\(set) dk \(e)")
    expectClose(gradients[2], reference.dv, magnitude: bound, terms: e.queries, "\(set) dv \(e)")
  }

  /// q, k and v of a token side by side, and their gradients too: the same bits as apart.
  @Test(
    arguments: KernelSelection.available,
    [ProductPrecision.f32, .bf16].flatMap { precision in
      shapes.filter { $0.queries == $0.keys }.map { (precision, $0) }
    })
  func jointOperandsGiveTheSame(_ set: InstructionSet, _ subject: (precision: ProductPrecision, e: AttentionExtents)) {
    let (precision, e) = subject
    var numbers = Samples(23)
    let (tokens, width) = (e.batch * e.queries, e.heads * e.depth)
    let (joint, dOutput) = (numbers.uniform(3 * tokens * width), numbers.uniform(tokens * width))
    func part(_ values: [Float], _ index: Int) -> [Float] {
      (0..<tokens).flatMap { values[(3 * $0 + index) * width..<(3 * $0 + index + 1) * width] }
    }
    let apart = (0..<3).map { GuardedBuffer(part(joint, $0)) }
    let (together, gradient) = (GuardedBuffer(joint), GuardedBuffer(dOutput))
    func forward(joint: Bool, o: FloatOutput, lse: FloatOutput) -> AttentionArguments {
      let inputs = (0..<3).map { joint ? together.pointer + $0 * width : apart[$0].pointer }
      return AttentionArguments(
        q: inputs[0], k: inputs[1], v: inputs[2], o: o, lse: lse, batch: e.batch, queries: e.queries, keys: e.keys,
        heads: e.heads, depth: e.depth, inputRow: joint ? 3 * width : nil, scale: Float(e.scale), causal: e.causal,
        precision: precision)
    }
    let sizes = [tokens * width, e.batch * e.heads * e.queries]
    let expected = runAllOrders(set, outputs: sizes, workspace: 0) { outputs, _ in
      [.attention(forward(joint: false, o: outputs[0], lse: outputs[1]))]
    }
    let got = runAllOrders(set, outputs: sizes, workspace: 0) { outputs, _ in
      [.attention(forward(joint: true, o: outputs[0], lse: outputs[1]))]
    }
    #expect(got == expected, "\(set) \(subject)")
    let (o, lse) = (GuardedBuffer(got[0]), GuardedBuffer(got[1]))
    let wanted = runAllOrders(set, outputs: [Int](repeating: tokens * width, count: 3), workspace: 0) { outputs, _ in
      [
        .attentionGradient(
          AttentionGradientArguments(
            forward: forward(joint: false, o: o.pointer, lse: lse.pointer), dOutput: gradient.pointer,
            dq: outputs[0], dk: outputs[1], dv: outputs[2]))
      ]
    }
    let found = runAllOrders(set, outputs: [3 * tokens * width], workspace: 0) { outputs, _ in
      [
        .attentionGradient(
          AttentionGradientArguments(
            forward: forward(joint: true, o: o.pointer, lse: lse.pointer), dOutput: gradient.pointer,
            dq: outputs[0], dk: outputs[0] + width, dv: outputs[0] + 2 * width))
      ]
    }
    for index in 0..<3 { #expect(part(found[0], index) == wanted[index], "\(set) \(subject), part \(index)") }
  }

  @Test(arguments: KernelSelection.available, [0, 1, 17, 39])
  func cacheSeesPositionsUpToTheQuery(_ set: InstructionSet, _ position: Int) {
    let (batch, heads, depth, capacity) = (2, 3, 21, 40)
    var numbers = Samples(22)
    let width = heads * depth
    let q = numbers.uniform(batch * width)
    var (k, v) = (numbers.uniform(batch * capacity * width), numbers.uniform(batch * capacity * width))
    // The rest of the cache has not been written yet.
    for b in 0..<batch {
      let unwritten = (b * capacity + position + 1) * width..<(b + 1) * capacity * width
      for i in unwritten {
        k[i] = .nan
        v[i] = .nan
      }
    }
    let inputs = [q, k, v].map { GuardedBuffer($0) }
    let index = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    defer { index.deallocate() }
    index.pointee = Int32(position)
    let got = runAllOrders(set, outputs: [batch * width], workspace: 0) { outputs, _ in
      [
        .cachedAttention(
          CachedAttentionArguments(
            q: inputs[0].pointer, keys: inputs[1].pointer, values: inputs[2].pointer, position: index, o: outputs[0],
            batch: batch, capacity: capacity, heads: heads, depth: depth, scale: 0.25))
      ]
    }
    func filled(_ cache: [Float]) -> [Double] {
      var rows: [Double] = []
      for b in 0..<batch {
        let start = b * capacity * width
        rows += cache[start..<start + (position + 1) * width].map(Double.init)
      }
      return rows
    }
    let extents = AttentionExtents(
      batch: batch, queries: 1, keys: position + 1, heads: heads, depth: depth, scale: 0.25, causal: false)
    let expected = Reference.attention(extents, q: q.doubles, k: filled(k), v: filled(v)).o
    expectClose(
      got[0], expected, magnitude: [Double](repeating: 3, count: expected.count), terms: position + 1,
      "\(set) at \(position)")
  }
}
