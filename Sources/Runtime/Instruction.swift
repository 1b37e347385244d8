import KernelInterface

/// One kernel call with its arguments: plain data, so running a plan touches no reference counts.
enum Instruction: BitwiseCopyable, Sendable {
  /// A call of a matrix plan.
  case matrix(MatrixCall)
  case unary(UnaryArguments)
  case affine(AffineArguments)
  case binary(BinaryArguments)
  case pointwise(PointwiseArguments)
  case fill(FillArguments)
  case copyBlocks(CopyBlocksArguments)
  case transpose(TransposeArguments)
  case broadcast(BroadcastArguments)
  case cacheWrite(CacheWriteArguments)
  case reduce(ReduceArguments)
  case normFinish(NormFinishArguments)
  case upsample(UpsampleArguments)
  case upsampleGradient(UpsampleGradientArguments)
  case resizeNearest(ResizeNearestArguments)
  case groupNorm(GroupNormArguments)
  case groupNormPartials(GroupNormPartialsArguments)
  case groupNormFinish(GroupNormFinishArguments)
  case groupNormGradient(GroupNormGradientArguments)
  case rowNorm(RowNormArguments)
  case rowNormGradient(RowNormGradientArguments)
  case l2Normalize(L2NormalizeArguments)
  case l2NormalizeGradient(L2NormalizeGradientArguments)
  case softmax(SoftmaxArguments)
  case softmaxGradient(SoftmaxGradientArguments)
  case crossEntropy(CrossEntropyArguments)
  case crossEntropyGradient(CrossEntropyGradientArguments)
  case rotary(RotaryArguments)
  case embedding(EmbeddingArguments)
  case embeddingGradient(EmbeddingGradientArguments)
  case dropout(DropoutArguments)
  case dropLabels(DropLabelsArguments)
  case sample(SampleArguments)
  case randomIndices(RandomIndicesArguments)
  case perturbCodes(PerturbCodesArguments)
  case randomUniform(RandomUniformArguments)
  case displaceImages(DisplaceImagesArguments)
  case packCodebook(PackCodebookArguments)
  case nearestCode(NearestCodeArguments)
  case entropyRows(EntropyRowsArguments)
  case entropyFinish(EntropyFinishArguments)
  case entropyGradient(EntropyGradientArguments)
  case entropyEntries(EntropyEntriesArguments)
  case increment(IncrementArguments)
  case learningRate(LearningRateArguments)
  case schedule(ScheduleArguments)
  case adam(AdamArguments)
  case adamGroup(AdamGroupArguments)
  case squaredSumGroup(SquaredSumGroupArguments)
  case movingAverage(MovingAverageArguments)

  /// The arguments, for what all kernels have in common.
  private var arguments: any KernelArguments {
    switch self {
    case .matrix(let call): return call.arguments
    case .unary(let a): return a
    case .affine(let a): return a
    case .binary(let a): return a
    case .pointwise(let a): return a
    case .fill(let a): return a
    case .copyBlocks(let a): return a
    case .transpose(let a): return a
    case .broadcast(let a): return a
    case .cacheWrite(let a): return a
    case .reduce(let a): return a
    case .normFinish(let a): return a
    case .upsample(let a): return a
    case .upsampleGradient(let a): return a
    case .resizeNearest(let a): return a
    case .groupNorm(let a): return a
    case .groupNormPartials(let a): return a
    case .groupNormFinish(let a): return a
    case .groupNormGradient(let a): return a
    case .rowNorm(let a): return a
    case .rowNormGradient(let a): return a
    case .l2Normalize(let a): return a
    case .l2NormalizeGradient(let a): return a
    case .softmax(let a): return a
    case .softmaxGradient(let a): return a
    case .crossEntropy(let a): return a
    case .crossEntropyGradient(let a): return a
    case .rotary(let a): return a
    case .embedding(let a): return a
    case .embeddingGradient(let a): return a
    case .dropout(let a): return a
    case .dropLabels(let a): return a
    case .sample(let a): return a
    case .randomIndices(let a): return a
    case .perturbCodes(let a): return a
    case .randomUniform(let a): return a
    case .displaceImages(let a): return a
    case .packCodebook(let a): return a
    case .nearestCode(let a): return a
    case .entropyRows(let a): return a
    case .entropyFinish(let a): return a
    case .entropyGradient(let a): return a
    case .entropyEntries(let a): return a
    case .increment(let a): return a
    case .learningRate(let a): return a
    case .schedule(let a): return a
    case .adam(let a): return a
    case .adamGroup(let a): return a
    case .squaredSumGroup(let a): return a
    case .movingAverage(let a): return a
    }
  }

  /// The name of the kernel, for profiles.
  var kernelName: String {
    if case .matrix(let call) = self { return Self.caseName(call) }
    return Self.caseName(self)
  }

  private static func caseName<Call>(_ call: Call) -> String {
    Mirror(reflecting: call).children.first?.label ?? "\(call)"
  }

  /// Independent parts of the work.
  var unitCount: Int { arguments.unitCount }

  /// Bytes of scratch of one thread.
  var scratchByteCount: Int { arguments.scratchByteCount }

  /// Runs a range of units.
  @inline(__always)
  func run(_ kernels: any KernelSet.Type, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    switch self {
    case .matrix(let call): kernels.run(call, units, scratch)
    case .unary(let a): kernels.unary(a, units)
    case .affine(let a): kernels.affine(a, units)
    case .binary(let a): kernels.binary(a, units)
    case .pointwise(let a): kernels.pointwise(a, units, scratch)
    case .fill(let a): kernels.fill(a, units)
    case .copyBlocks(let a): kernels.copyBlocks(a, units)
    case .transpose(let a): kernels.transpose(a, units)
    case .broadcast(let a): kernels.broadcast(a, units)
    case .cacheWrite(let a): kernels.cacheWrite(a, units)
    case .reduce(let a): kernels.reduce(a, units)
    case .normFinish(let a): kernels.normFinish(a, units)
    case .upsample(let a): kernels.upsample(a, units)
    case .upsampleGradient(let a): kernels.upsampleGradient(a, units)
    case .resizeNearest(let a): kernels.resizeNearest(a, units)
    case .groupNorm(let a): kernels.groupNorm(a, units, scratch)
    case .groupNormPartials(let a): kernels.groupNormPartials(a, units, scratch)
    case .groupNormFinish(let a): kernels.groupNormFinish(a, units)
    case .groupNormGradient(let a): kernels.groupNormGradient(a, units, scratch)
    case .rowNorm(let a): kernels.rowNorm(a, units)
    case .rowNormGradient(let a): kernels.rowNormGradient(a, units)
    case .l2Normalize(let a): kernels.l2Normalize(a, units)
    case .l2NormalizeGradient(let a): kernels.l2NormalizeGradient(a, units)
    case .softmax(let a): kernels.softmax(a, units)
    case .softmaxGradient(let a): kernels.softmaxGradient(a, units)
    case .crossEntropy(let a): kernels.crossEntropy(a, units)
    case .crossEntropyGradient(let a): kernels.crossEntropyGradient(a, units)
    case .rotary(let a): kernels.rotary(a, units)
    case .embedding(let a): kernels.embedding(a, units)
    case .embeddingGradient(let a): kernels.embeddingGradient(a, units)
    case .dropout(let a): kernels.dropout(a, units)
    case .dropLabels(let a): kernels.dropLabels(a, units)
    case .sample(let a): kernels.sample(a, units, scratch)
    case .randomIndices(let a): kernels.randomIndices(a, units)
    case .perturbCodes(let a): kernels.perturbCodes(a, units, scratch)
    case .randomUniform(let a): kernels.randomUniform(a, units)
    case .displaceImages(let a): kernels.displaceImages(a, units)
    case .packCodebook(let a): kernels.packCodebook(a, units)
    case .nearestCode(let a): kernels.nearestCode(a, units)
    case .entropyRows(let a): kernels.entropyRows(a, units, scratch)
    case .entropyFinish(let a): kernels.entropyFinish(a, units)
    case .entropyGradient(let a): kernels.entropyGradient(a, units, scratch)
    case .entropyEntries(let a): kernels.entropyEntries(a, units)
    case .increment(let a): kernels.increment(a, units)
    case .learningRate(let a): kernels.learningRate(a, units)
    case .schedule(let a): kernels.schedule(a, units)
    case .adam(let a): kernels.adam(a, units)
    case .adamGroup(let a): kernels.adamGroup(a, units)
    case .squaredSumGroup(let a): kernels.squaredSumGroup(a, units)
    case .movingAverage(let a): kernels.movingAverage(a, units)
    }
  }
}
