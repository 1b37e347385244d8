import IR

/// An op of this library. A new op is added by writing its type and adding it here; every switch over `OpCase`
/// (kernel binding, passes) then asks for the rest.
public protocol FacetOp: Op, Hashable {
  /// This op as a case, for exhaustive switches.
  var opCase: OpCase { get }
}

/// Every op, by structure.
public enum OpCase: Sendable {
  case constant(Constant)
  case unary(Unary)
  case affine(Affine)
  case binary(Binary)
  case pointwise(Pointwise)
  case stopGradient(StopGradient)
  case reshape(Reshape)
  case transpose(Transpose)
  case concat(Concat)
  case slice(Slice)
  case pad(Pad)
  case reduceSum(ReduceSum)
  case broadcast(Broadcast)
  case matmul(MatMul)
  case linear(Linear)
  case packWeights(PackWeights)
  case conv2D(Conv2D)
  case conv2DInputGradient(Conv2DInputGradient)
  case conv2DWeightGradient(Conv2DWeightGradient)
  case upsample(Upsample)
  case upsampleGradient(UpsampleGradient)
  case resizeNearest(ResizeNearest)
  case groupNorm(GroupNorm)
  case groupNormApply(GroupNormApply)
  case groupNormGradient(GroupNormGradient)
  case layerNorm(LayerNorm)
  case layerNormGradient(LayerNormGradient)
  case rmsNorm(RMSNorm)
  case rmsNormGradient(RMSNormGradient)
  case softmax(Softmax)
  case softmaxGradient(SoftmaxGradient)
  case attention(Attention)
  case attentionGradient(AttentionGradient)
  case cachedAttention(CachedAttention)
  case cacheWrite(CacheWrite)
  case rotary(Rotary)
  case embedding(Embedding)
  case embeddingGradient(EmbeddingGradient)
  case l2Normalize(L2Normalize)
  case l2NormalizeGradient(L2NormalizeGradient)
  case nearestCode(NearestCode)
  case quantize(Quantize)
  case entropyLoss(EntropyLoss)
  case entropyLossGradient(EntropyLossGradient)
  case crossEntropy(CrossEntropy)
  case crossEntropyGradient(CrossEntropyGradient)
  case dropout(Dropout)
  case dropLabels(DropLabels)
  case sampleToken(SampleToken)
  case randomIndices(RandomIndices)
  case perturbCodes(PerturbCodes)
  case randomUniform(RandomUniform)
  case displaceImages(DisplaceImages)
  case increment(Increment)
  case learningRate(LearningRate)
  case schedule(Schedule)
  case gradientNorm(GradientNorm)
  case adam(Adam)
  case adamGroup(AdamGroup)
  case movingAverage(MovingAverage)
}

/// The table of ops.
public enum OpTable {
  /// All op types, in the order of `OpCase`. A test checks that none is missing.
  public static let types: [any FacetOp.Type] = [
    Constant.self, Unary.self, Affine.self, Binary.self, Pointwise.self, StopGradient.self, Reshape.self,
    Transpose.self,
    Concat.self, Slice.self, Pad.self, ReduceSum.self, Broadcast.self, MatMul.self, Linear.self, PackWeights.self,
    Conv2D.self,
    Conv2DInputGradient.self, Conv2DWeightGradient.self, Upsample.self, UpsampleGradient.self, ResizeNearest.self,
    GroupNorm.self, GroupNormApply.self,
    GroupNormGradient.self, LayerNorm.self, LayerNormGradient.self, RMSNorm.self, RMSNormGradient.self,
    Softmax.self, SoftmaxGradient.self, Attention.self, AttentionGradient.self, CachedAttention.self,
    CacheWrite.self, Rotary.self, Embedding.self, EmbeddingGradient.self, L2Normalize.self,
    L2NormalizeGradient.self, NearestCode.self, Quantize.self,
    EntropyLoss.self, EntropyLossGradient.self, CrossEntropy.self,
    CrossEntropyGradient.self, Dropout.self, DropLabels.self, SampleToken.self, RandomIndices.self, PerturbCodes.self,
    RandomUniform.self, DisplaceImages.self, Increment.self, LearningRate.self, Schedule.self, GradientNorm.self,
    Adam.self, AdamGroup.self, MovingAverage.self,
  ]

  /// The registry for parsing.
  public static let registry = OpRegistry(types)
}

extension Operation {
  /// The op as a case. All programs of this package are made of ops of `OpTable`.
  public var opCase: OpCase {
    guard let op = op as? any FacetOp else { preconditionFailure("\(op.mnemonic) is not in the op table") }
    return op.opCase
  }
}
