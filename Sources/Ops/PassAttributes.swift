import IR

// Attributes that several ops share and that passes set, each behind a protocol of its own: a pass casts the op of an
// operation to it, changes the attribute and puts the op back, whichever op it is. An op that has the attribute conforms.

/// An op that can do something to its sums before it stores them.
public protocol HasEpilogue: FacetOp {
  /// What happens to the sums.
  var epilogue: Epilogue { get set }
}

/// An op that multiplies, perhaps with rounded operands.
public protocol HasPrecision: FacetOp {
  /// How the operands are held while they are multiplied.
  var precision: OperandPrecision { get set }
  /// What makes a difference to the op.
  var precisions: [OperandPrecision] { get }
}

extension HasPrecision {
  /// All of them.
  public var precisions: [OperandPrecision] { OperandPrecision.allCases }
}

/// An op whose operand 1, its weights, may be what `pack_weights` made.
public protocol ReadsPackedWeights: FacetOp {
  /// Whether they are.
  var isPacked: Bool { get set }
}

/// A convolution of an image, or one of its gradients: all three are told by the windows of the convolution.
public protocol ConvolutionOp: HasPrecision {
  /// Distance between windows; 1 with `upsample`.
  var stride: Int { get }
  /// Zero padding.
  var padding: Padding { get }
  /// Whether each pixel of the image stands for a 2 x 2 block.
  var upsample: Bool { get set }
  /// The shapes of the image [B, H, W, Cin], before it is upsampled, and of the weights [Cout, kh, kw, Cin], be they
  /// operands or the result.
  func shapes(operands: [TensorType], results: [TensorType]) -> (image: [Int], weights: [Int])
}

extension FacetOp {
  /// Refuses differentiation of what only passes make that run after it.
  public func requireDifferentiable() throws(OpError) {
    if let op = self as? any HasEpilogue { try op.epilogue.requireNone(mnemonic) }
    if let op = self as? any HasPrecision { try op.precision.requireFull(mnemonic) }
    if let op = self as? any ReadsPackedWeights, op.isPacked {
      throw OpError("\(mnemonic) with packed weights has no gradient rule")
    }
  }
}
