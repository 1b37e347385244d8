import IR
import Ops

extension ProgramGenerator {
  /// One step: picks a kind of operation and tries it on random values of the pool.
  mutating func grow() {
    switch integer(in: 0...19) {
    case 0, 1: growSmooth()
    case 2: growGuarded()
    case 3: growAffine()
    case 4, 5: growBinary()
    case 6: growSuffixBinary()
    case 7: growReshape()
    case 8: growTranspose()
    case 9: growRange()
    case 10: growConcat()
    case 11: growReduction()
    case 12: growMatrixProduct()
    case 13, 14: growLinear()
    case 15: growNorm()
    case 16: growImage()
    case 17: growSequence()
    case 18: growLookup()
    default: growRepetition()
    }
  }

  private mutating func growSmooth() {
    let functions: [UnaryFunction] = [.negate, .square, .sigmoid, .tanh, .silu, .gelu, .exp]
    if let x = value(), let function = pick(functions) { attempt(Unary(function), x) }
  }

  /// Functions with a kink or pole; where the values do not allow one, on 1/2 + x^2.
  private mutating func growGuarded() {
    let functions: [UnaryFunction] = [.absolute, .relu, .sqrt, .rsqrt, .log, .reciprocal]
    guard let x = value(), let function = pick(functions), attempt(Unary(function), x) == nil else { return }
    if let square = attempt(Unary(.square), x), let positive = attempt(Affine(scale: 1, offset: 0.5), square) {
      attempt(Unary(function), positive)
    }
  }

  private mutating func growAffine() {
    guard let x = value() else { return }
    let scale = pick([1, -1, 0.5, 2, -0.75] as [Float]) ?? 1
    attempt(Affine(scale: scale, offset: pick([0, 0, 0.5, -1] as [Float]) ?? 0), x)
  }

  private mutating func growBinary() {
    guard let x = value() else { return }
    let type = builder.type(of: x)
    guard let y = value(where: { $0 == type }) else { return }
    let functions: [BinaryFunction] = [.add, .add, .subtract, .multiply, .divide]
    if let function = pick(functions) { attempt(Binary(function), x, y) }
  }

  private mutating func growSuffixBinary() {
    guard let x = value() else { return }
    let suffix = Array(shape(x).suffix(integer(in: 0...shape(x).count)))
    let functions: [BinaryFunction] = [.add, .subtract, .multiply, .divide]
    if let function = pick(functions) { attempt(Binary(function), x, parameter(suffix, .awayFromZero)) }
  }

  /// Merges two neighbouring dimensions or splits one by two.
  private mutating func growReshape() {
    guard let x = value(where: { $0.rank > 0 }) else { return }
    var extents = shape(x)
    let axis = integer(in: 0...extents.count - 1)
    if chance(0.5), axis + 1 < extents.count {
      extents[axis] *= extents.remove(at: axis + 1)
    } else if extents[axis] % 2 == 0, extents.count < 5 {
      extents[axis] /= 2
      extents.insert(2, at: axis + 1)
    } else {
      return
    }
    attempt(Reshape(extents), x)
  }

  private mutating func growTranspose() {
    guard let x = value(where: { (2...5).contains($0.rank) }) else { return }
    let permutation = Array(0..<shape(x).count).shuffled(using: &random)
    if let y = attempt(Transpose(permutation), x), chance(0.3) {
      var inverse = permutation
      for (index, source) in permutation.enumerated() { inverse[source] = index }
      attempt(Transpose(inverse), y)
    }
  }

  private mutating func growRange() {
    guard let x = value(where: { $0.rank > 0 }) else { return }
    let axis = integer(in: 0...shape(x).count - 1)
    let extent = shape(x)[axis]
    if chance(0.3) {
      attempt(Pad(axis: axis, before: integer(in: 0...2), after: integer(in: 0...2)), x)
    } else if extent > 1 {
      let start = integer(in: 0...extent - 1)
      attempt(Slice(axis: axis, start: start, end: integer(in: start + 1...extent)), x)
    }
  }

  private mutating func growConcat() {
    guard let x = value(where: { $0.rank > 0 }) else { return }
    let type = builder.type(of: x)
    let axis = integer(in: 0...type.rank - 1)
    let other = value(where: { other in
      other.rank == type.rank && other.shape.indices.allSatisfy { $0 == axis || other.shape[$0] == type.shape[$0] }
    })
    if let other { attempt(Concat(axis: axis), x, other) }
  }

  private mutating func growReduction() {
    guard let x = value() else { return }
    let rank = shape(x).count
    if rank > 1, chance(0.7) {
      let start = integer(in: 0...rank - 1)
      let end = integer(in: start + 1...min(rank, start + 2))
      if let sum = attempt(ReduceSum(start: start, end: end), x), chance(0.5) {
        attempt(Affine(scale: 0.5), sum)
      }
    } else if rank < 4 {
      attempt(Broadcast(at: integer(in: 0...rank), extents: [integer(in: 1...3)]), x)
    }
  }

  private mutating func growMatrixProduct() {
    guard let a = value(where: { $0.rank >= 2 }) else { return }
    let extents = shape(a)
    let (transposeA, transposeB) = (chance(0.5), chance(0.5))
    let inner = extents[extents.count - (transposeA ? 2 : 1)]
    let fitting = value(where: { b in
      b.rank == extents.count && b.shape.dropLast(2) == extents.dropLast(2)
        && b.shape[b.rank - (transposeB ? 1 : 2)] == inner
    })
    let width = integer(in: 1...4)
    let b = fitting ?? parameter(extents.dropLast(2) + (transposeB ? [width, inner] : [inner, width]))
    if let product = attempt(MatMul(transposeA: transposeA, transposeB: transposeB), a, b), chance(0.5) {
      attempt(Affine(scale: 0.5), product)
    }
  }

  private mutating func growLinear() {
    guard let x = value(where: { $0.rank > 0 }) else { return }
    let (input, output) = (shape(x).last ?? 1, integer(in: 1...5))
    var operands = [x, parameter([output, input])]
    if chance(0.6) { operands.append(parameter([output])) }
    let y = attempt(Linear(), operands)
    let activations: [UnaryFunction] = [.gelu, .silu, .relu, .tanh]
    if let y, chance(0.5), let activation = pick(activations) { attempt(Unary(activation), y) }
  }

  private mutating func growNorm() {
    guard let x = value(where: { $0.rank > 0 && $0.lastExtent > 1 }) else { return }
    let width = shape(x).last ?? 1
    switch integer(in: 0...4) {
    case 0: attempt(LayerNorm(), x, parameter([width]), parameter([width]))
    case 1: attempt(RMSNorm(), x, parameter([width]))
    case 2: attempt(L2Normalize(), x)
    case 3: attempt(Softmax(), x)
    default:
      guard shape(x).count >= 2 else { return }
      let groups = width % 2 == 0 && chance(0.5) ? 2 : 1
      let activation: NormActivation = chance(0.5) ? .silu : .none
      attempt(GroupNorm(groups: groups, activation: activation), x, parameter([width]), parameter([width]))
    }
  }

  private mutating func growImage() {
    guard var x = value(where: { $0.rank == 4 }) else { return }
    if chance(0.3) {
      guard let large = attempt(Upsample(), x), chance(0.7) else { return }
      x = large
    }
    let (channels, outputs, window) = (shape(x)[3], integer(in: 1...4), integer(in: 1...3))
    let padding = Padding(
      top: integer(in: 0...1), left: integer(in: 0...1), bottom: integer(in: 0...1), right: integer(in: 0...1))
    var operands = [x, parameter([outputs, window, window, channels])]
    if chance(0.6) { operands.append(parameter([outputs])) }
    let y = attempt(Conv2D(stride: integer(in: 1...2), padding: padding), operands)
    if let y, chance(0.3) { attempt(Unary(.silu), y) }
  }

  private mutating func growSequence() {
    guard let q = value(where: { $0.rank == 4 }) else { return }
    let extents = shape(q)
    if chance(0.7), growRotary(q) != nil { return }
    if chance(0.3) {
      let parts = [q, q, q].compactMap { attempt(Reshape([extents[0], extents[1], 1, extents[2], extents[3]]), $0) }
      guard parts.count == 3, let joint = attempt(Concat(axis: 2), parts) else { return }
      let turned = chance(0.5) ? growRotary(joint) : nil
      attempt(Attention(scale: 0.5, causal: chance(0.5)), turned ?? joint)
      return
    }
    let k = value(where: { k in
      k.rank == 4 && k.shape[0] == extents[0] && k.shape[2...] == extents[2...] && k.shape[1] >= extents[1]
    })
    let keys = k ?? q
    let keyType = builder.type(of: keys)
    let v = value(where: { $0 == keyType }) ?? keys
    attempt(Attention(scale: 0.5, causal: chance(0.5)), q, keys, v)
  }

  private mutating func growRotary(_ x: ValueID) -> ValueID? {
    let (tokens, depth) = (shape(x)[1], shape(x)[shape(x).count - 1])
    guard depth % 4 == 0, let grid = (1...4).first(where: { $0 * $0 + 1 >= tokens }) else { return nil }
    let type = TensorType.f32(grid * grid + 1, depth / 2, 2)
    let symbol = Symbol(
      name: "rotary.\(grid).\(depth)", type: type, role: .constant, initializer: .rotary2D(grid: grid, base: 100))
    return attempt(
      Rotary(inverse: chance(0.3)), x, addSymbol(symbol, rotaryTable(type, grid: grid, base: 100)))
  }

  private mutating func growLookup() {
    switch integer(in: 0...2) {
    case 0:
      let rows = integer(in: 2...5)
      let table = parameter([rows, integer(in: 2...4)])
      attempt(Embedding(), table, indices([integer(in: 1...2), integer(in: 1...3)], below: rows))
    case 1:
      guard let x = value(where: { $0.rank == 2 && $0.lastExtent > 1 }) else { return }
      attempt(CrossEntropy(), x, indices([shape(x)[0]], below: shape(x)[1]))
    default:
      guard let x = value(where: { $0.rank > 0 }) else { return }
      attempt(Dropout(rate: 0.25, stream: builder.program.operations.count), x, randomKey())
    }
  }

  /// An operation that is there already, for common subexpressions.
  private mutating func growRepetition() {
    guard let operation = pick(builder.program.operations), let op = operation.op as? any FacetOp else { return }
    _ = attempt(op, operation.operands)
  }
}
