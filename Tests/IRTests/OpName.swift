import Ops

/// The cases of `OpCase` without their payload, so that they can be listed. A new op breaks the switch below, and once
/// it is named here `OpTableTests` asks for its row in the table.
enum OpName: String, CaseIterable {
  case constant, unary, affine, binary, pointwise, stopGradient, reshape, transpose, concat, slice, pad,
    reduceSum, broadcast,
    matmul, linear, packWeights, conv2D, conv2DInputGradient, conv2DWeightGradient, upsample, upsampleGradient,
    resizeNearest,
    groupNorm,
    groupNormApply, groupNormGradient, layerNorm, layerNormGradient, rmsNorm, rmsNormGradient, softmax,
    softmaxGradient, attention,
    attentionGradient, cachedAttention, cacheWrite, rotary, embedding, embeddingGradient,
    l2Normalize,
    l2NormalizeGradient, nearestCode, quantize, entropyLoss, entropyLossGradient, crossEntropy,
    crossEntropyGradient, dropout,
    dropLabels, sampleToken, randomIndices, perturbCodes, randomUniform, displaceImages, increment, learningRate,
    schedule, gradientNorm, adam,
    adamGroup, movingAverage

  init(_ op: OpCase) {
    switch op {
    case .constant: self = .constant
    case .unary: self = .unary
    case .affine: self = .affine
    case .binary: self = .binary
    case .pointwise: self = .pointwise
    case .stopGradient: self = .stopGradient
    case .reshape: self = .reshape
    case .transpose: self = .transpose
    case .concat: self = .concat
    case .slice: self = .slice
    case .pad: self = .pad
    case .reduceSum: self = .reduceSum
    case .broadcast: self = .broadcast
    case .matmul: self = .matmul
    case .linear: self = .linear
    case .packWeights: self = .packWeights
    case .conv2D: self = .conv2D
    case .conv2DInputGradient: self = .conv2DInputGradient
    case .conv2DWeightGradient: self = .conv2DWeightGradient
    case .upsample: self = .upsample
    case .upsampleGradient: self = .upsampleGradient
    case .resizeNearest: self = .resizeNearest
    case .groupNorm: self = .groupNorm
    case .groupNormApply: self = .groupNormApply
    case .groupNormGradient: self = .groupNormGradient
    case .layerNorm: self = .layerNorm
    case .layerNormGradient: self = .layerNormGradient
    case .rmsNorm: self = .rmsNorm
    case .rmsNormGradient: self = .rmsNormGradient
    case .softmax: self = .softmax
    case .softmaxGradient: self = .softmaxGradient
    case .attention: self = .attention
    case .attentionGradient: self = .attentionGradient
    case .cachedAttention: self = .cachedAttention
    case .cacheWrite: self = .cacheWrite
    case .rotary: self = .rotary
    case .embedding: self = .embedding
    case .embeddingGradient: self = .embeddingGradient
    case .l2Normalize: self = .l2Normalize
    case .l2NormalizeGradient: self = .l2NormalizeGradient
    case .nearestCode: self = .nearestCode
    case .quantize: self = .quantize
    case .entropyLoss: self = .entropyLoss
    case .entropyLossGradient: self = .entropyLossGradient
    case .crossEntropy: self = .crossEntropy
    case .crossEntropyGradient: self = .crossEntropyGradient
    case .dropout: self = .dropout
    case .dropLabels: self = .dropLabels
    case .sampleToken: self = .sampleToken
    case .randomIndices: self = .randomIndices
    case .perturbCodes: self = .perturbCodes
    case .randomUniform: self = .randomUniform
    case .displaceImages: self = .displaceImages
    case .increment: self = .increment
    case .learningRate: self = .learningRate
    case .schedule: self = .schedule
    case .gradientNorm: self = .gradientNorm
    case .adam: self = .adam
    case .adamGroup: self = .adamGroup
    case .movingAverage: self = .movingAverage
    }
  }
}
