import Autodiff
import IR
import Ops
import Spec

/// The programs of the generator. All share one set of symbols.
extension Generator {
  /// `generator.train`: one training step from `codes.<name>` i32[B, S], `labels` i32[B] and `key` i32[2]. Outputs:
  /// `loss.total`, `loss.<name>` per sub-codebook, `gradient_norm`, `learning_rate`.
  public func trainProgram(batch: Int, totalSteps: Int) throws(DifferentiationError) -> Program {
    let builder = ProgramBuilder(name: "generator.train")
    let codes = books.map { builder.input("codes.\($0.name)", .i32(batch, positions)) }
    var labels = builder.input("labels", .i32(batch))
    let random = sizes.labelDropout > 0 || sizes.dropout > 0 || sizes.tokenDropout > 0
    let context = GraphContext(builder: builder, key: random ? builder.input("key", .i32(2)) : nil)
    if let key = context.key, sizes.labelDropout > 0 {
      let drop = DropLabels(rate: Float(sizes.labelDropout), replacement: classes, stream: context.makeStream())
      labels = builder.withScope("generator.labels") { builder.emitOne(drop, labels, key) }
    }
    let step = OptimizationStep(spec.training.generator.stage, prefix: "generator", totalSteps: totalSteps)
    var parts: [(terms: [ValueID], total: ValueID)] = []
    let (parameters, gradients) = try step.gradients(builder, batch: batch) { rows throws(DifferentiationError) in
      func part(_ value: ValueID) -> ValueID { builder.slice(value, axis: 0, rows.lowerBound, rows.upperBound) }
      let own = codes.map(part)
      parts.append(losses(context, logits: logits(context, codes: own, labels: part(labels)), codes: own))
      return parts[parts.count - 1].total
    }
    let measures = step.update(builder, parameters, gradients)
    let total = builder.average(parts.map(\.total))
    let terms = books.indices.map { index in builder.average(parts.map { $0.terms[index] }) }
    builder.output("loss.total", total)
    for (book, term) in zip(books, terms) { builder.output("loss.\(book.name)", term) }
    builder.output("gradient_norm", measures.gradientNorm)
    builder.output("learning_rate", measures.learningRate)
    return builder.program
  }

  /// `generator.evaluate`: the mean cross-entropy without dropout. Inputs `codes.<name>` i32[B, S] and `labels` i32[B];
  /// outputs `loss.total` and `loss.<name>`.
  public func evaluateProgram(batch: Int) -> Program {
    let builder = ProgramBuilder(name: "generator.evaluate")
    let codes = books.map { builder.input("codes.\($0.name)", .i32(batch, positions)) }
    let labels = builder.input("labels", .i32(batch))
    let context = GraphContext(builder: builder)
    let (terms, total) = losses(context, logits: logits(context, codes: codes, labels: labels), codes: codes)
    builder.output("loss.total", total)
    for (book, term) in zip(books, terms) { builder.output("loss.\(book.name)", term) }
    return builder.program
  }

  /// `generator.prefill`: the class position of `count` images. Input `labels` i32[R], where R = count, or 2 * count
  /// under guidance (conditional rows first, then the same number of "no class" rows); outputs `codes.<name>`
  /// i32[count] of position 0. Fills position 0 of the key/value caches.
  public func prefillProgram(count: Int, guided: Bool) -> Program {
    position(name: "generator.prefill", count: count, guided: guided) { context, rows in
      classEmbedding(context, context.builder.input("labels", .i32(rows)))
    }
  }

  /// `generator.step`: one further position. Inputs `codes.<name>` i32[count] of the position before and `position`
  /// i32[], counted from 1; outputs `codes.<name>` i32[count].
  public func stepProgram(count: Int, guided: Bool) -> Program {
    position(name: "generator.step", count: count, guided: guided) { context, _ in
      let builder = context.builder
      let embeddings = books.map { book in
        embedding(context, book, doubled(builder, builder.input("codes.\(book.name)", .i32(count)), guided))
      }
      return aggregate(context, embeddings)
    }
  }

  private func doubled(_ builder: ProgramBuilder, _ codes: ValueID, _ guided: Bool) -> ValueID {
    guided ? builder.concat([codes, codes], axis: 0) : codes
  }

  /// One position: the backbone once, then the head k times, each sub-codebook given those before it. Common inputs:
  /// `position` i32[], `key` i32[2], `sampling` f32[3] (temperature, top-k, top-p) and, under guidance, `guidance` f32[].
  private func position(
    name: String, count: Int, guided: Bool, first: (GraphContext, _ rows: Int) -> ValueID
  ) -> Program {
    let builder = ProgramBuilder(name: name)
    let context = GraphContext(builder: builder)
    let rows = guided ? 2 * count : count
    let position = builder.input("position", .i32())
    let key = builder.input("key", .i32(2))
    let sampling = builder.input("sampling", .f32(3))
    let guidance = guided ? builder.input("guidance", .f32()) : nil
    builder.scoped("generator") {
      let table = rotaryTable(context)
      var h = builder.reshape(first(context, rows), [rows, 1, sizes.width])
      for layer in 0..<sizes.layers {
        h = block(context, "block.\(layer)", h, table: table, position: position) { joint in
          cached(builder, layer, rows, joint, position)
        }
      }
      var input = h
      var memory = [(keys: [ValueID], values: [ValueID])](repeating: ([], []), count: sizes.headLayers)
      for (index, book) in books.enumerated() {
        let state = headStep(context, input, index, table, &memory)
        var scores = logits(context, index, builder.reshape(state, [rows, sizes.width]))
        if let guidance {
          let conditional = builder.slice(scores, axis: 0, 0, count)
          let free = builder.slice(scores, axis: 0, count, rows)
          scores = builder.add(free, builder.mul(builder.sub(conditional, free), guidance))
        }
        let code = builder.emitOne(SampleToken(stream: context.makeStream()), scores, sampling, key, position)
        builder.output("codes.\(book.name)", code)
        if index + 1 < books.count {
          let next = embedding(context, book, doubled(builder, code, guided))
          input = builder.reshape(next, [rows, 1, sizes.width])
        }
      }
    }
    return builder.program
  }

  /// Step `index` of the head over the steps before it, whose keys and values are values of the same program. Rotary
  /// row `index` of the table applies.
  private func headStep(
    _ context: GraphContext, _ input: ValueID, _ index: Int, _ table: ValueID,
    _ memory: inout [(keys: [ValueID], values: [ValueID])]
  ) -> ValueID {
    let builder = context.builder
    let row = builder.slice(table, axis: 0, index, index + 1)
    let attention = Attention(scale: 1 / Float(block.depth).squareRoot(), causal: true)
    var y = input
    for layer in 0..<sizes.headLayers {
      y = block(context, "head.\(layer)", y, table: row) { joint in
        let (q, k, v) = block.parts(builder, joint)
        memory[layer].keys.append(k)
        memory[layer].values.append(v)
        let keys = builder.concat(memory[layer].keys, axis: 1)
        let values = builder.concat(memory[layer].values, axis: 1)
        return builder.emit(attention, [q, keys, values])[0]
      }
    }
    return context.rmsNorm("norm", y)
  }

  private func cached(
    _ builder: ProgramBuilder, _ layer: Int, _ rows: Int, _ joint: ValueID, _ position: ValueID
  ) -> ValueID {
    let (q, k, v) = block.parts(builder, joint)
    func cache(_ name: String) -> ValueID {
      builder.symbol(
        Symbol(
          name: "generator.cache.\(rows).\(layer).\(name)",
          type: .f32(rows, positions, sizes.heads, sizes.width / sizes.heads), role: .state, initializer: .zeros))
    }
    let (keys, values) = (cache("keys"), cache("values"))
    builder.emit(CacheWrite(), [keys, k, position])
    builder.emit(CacheWrite(), [values, v, position])
    let op = CachedAttention(scale: 1 / Float(sizes.width / sizes.heads).squareRoot())
    return builder.emitOne(op, q, keys, values, position)
  }
}
