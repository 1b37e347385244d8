import IR

/// Checks shared by shape rules.
enum ShapeRule {
  static func operands(_ types: [TensorType], _ counts: ClosedRange<Int>) throws(OpError) {
    guard counts.contains(types.count) else {
      let wanted =
        counts.lowerBound == counts.upperBound ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw OpError("takes \(wanted) operands, not \(types.count)")
    }
  }

  static func operands(_ types: [TensorType], _ count: Int) throws(OpError) { try operands(types, count...count) }

  static func dtype(_ types: [TensorType], _ dtypes: DType...) throws(OpError) {
    for (index, dtype) in dtypes.enumerated() where index < types.count && types[index].dtype != dtype {
      throw OpError("operand \(index) must be \(dtype.rawValue), it is \(types[index])")
    }
  }

  static func allF32(_ types: [TensorType]) throws(OpError) {
    for (index, type) in types.enumerated() where type.dtype != .f32 {
      throw OpError("operand \(index) must be f32, it is \(type)")
    }
  }

  /// Checks a matrix [N, K] of weights that may be stored in fewer bits, whose scales [N] stand at `scales` where it is
  /// i8. What else there is must be checked by the caller.
  static func weights(_ types: [TensorType], _ index: Int, scales: Int) throws(OpError) {
    switch types[index].dtype {
    case .f32, .bf16: break
    case .i8:
      guard scales < types.count else { throw OpError("operand \(index) is i8, so its scales must follow") }
      try dtype(types, at: scales, .f32)
      try shape(types, scales, [types[index].shape.first ?? 0])
    case .i32: throw OpError("operand \(index) must be f32, bf16 or i8, it is \(types[index])")
    }
  }

  static func dtype(_ types: [TensorType], at index: Int, _ dtype: DType) throws(OpError) {
    guard types[index].dtype == dtype else {
      throw OpError("operand \(index) must be \(dtype.rawValue), it is \(types[index])")
    }
  }

  static func rank(_ types: [TensorType], _ index: Int, _ rank: Int) throws(OpError) {
    guard types[index].rank == rank else {
      throw OpError("operand \(index) must have rank \(rank), it is \(types[index])")
    }
  }

  static func minimumRank(_ types: [TensorType], _ index: Int, _ rank: Int) throws(OpError) {
    guard types[index].rank >= rank else {
      throw OpError("operand \(index) must have rank \(rank) or more, it is \(types[index])")
    }
  }

  static func shape(_ types: [TensorType], _ index: Int, _ shape: [Int]) throws(OpError) {
    guard types[index].shape == shape else {
      throw OpError("operand \(index) must have shape \(shape), it is \(types[index])")
    }
  }

  static func require(_ condition: Bool, _ message: @autoclosure () -> String) throws(OpError) {
    if !condition { throw OpError(message()) }
  }

  /// The (seed, step) pair that keys counter-based randomness.
  static func key(_ types: [TensorType], _ index: Int) throws(OpError) {
    guard types[index] == .i32(2) else { throw OpError("operand \(index) must be the random key i32[2]") }
  }
}
