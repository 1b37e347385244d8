import IR
import KernelInterface
import Ops

/// The kernel calls of one operation.
struct OperationBinder {
  let program: Program
  let operation: Operation
  let address: (ValueID) -> UnsafeMutableRawPointer
  private let workspace: UnsafeMutableRawPointer
  private(set) var workspaceByteCount = 0
  private(set) var instructions: [Instruction] = []
  private(set) var tables: [AlignedBuffer] = []

  init(
    program: Program, operation: Operation, workspace: UnsafeMutableRawPointer,
    address: @escaping (ValueID) -> UnsafeMutableRawPointer
  ) {
    self.program = program
    self.operation = operation
    self.workspace = workspace
    self.address = address
  }

  mutating func emit(_ instruction: Instruction) { instructions.append(instruction) }
  mutating func emit(_ call: MatrixCall) { instructions.append(.matrix(call)) }

  /// Takes elements from the workspace.
  mutating func take(_ count: Int) -> FloatOutput {
    let start = workspaceByteCount
    workspaceByteCount = Partition.roundUp(start + count * 4, 64)
    return (workspace + start).assumingMemoryBound(to: Float.self)
  }

  /// Memory that holds elements for as long as the instructions.
  mutating func table<T: BitwiseCopyable>(_ elements: [T]) -> UnsafePointer<T> {
    let buffer = AlignedBuffer(byteCount: elements.count * MemoryLayout<T>.stride)
    tables.append(buffer)
    let start = buffer.base.bindMemory(to: T.self, capacity: elements.count)
    for (index, element) in elements.enumerated() { (start + index).initialize(to: element) }
    return UnsafePointer(start)
  }

  func type(_ operand: Int) -> TensorType { program.type(of: operation.operands[operand]) }
  func shape(_ operand: Int) -> [Int] { type(operand).shape }
  func resultType(_ result: Int = 0) -> TensorType { program.type(of: operation.results[result]) }

  func input(_ operand: Int) -> FloatInput { FloatInput(mutable(operand)) }
  /// An operand that may be absent.
  func optional(_ operand: Int) -> FloatInput? { operand < operation.operands.count ? input(operand) : nil }
  func indices(_ operand: Int) -> IndexInput {
    IndexInput(address(operation.operands[operand]).assumingMemoryBound(to: Int32.self))
  }
  func mutable(_ operand: Int) -> FloatOutput {
    address(operation.operands[operand]).assumingMemoryBound(to: Float.self)
  }
  func output(_ result: Int = 0) -> FloatOutput {
    address(operation.results[result]).assumingMemoryBound(to: Float.self)
  }
  /// The memory of an operand that may be stored in fewer bits than f32, where it is.
  func narrow(_ operand: Int) -> (weights: UnsafeRawPointer, storage: NarrowStorage)? {
    let address = UnsafeRawPointer(address(operation.operands[operand]))
    switch type(operand).dtype {
    case .bf16: return (address, .bf16)
    case .i8: return (address, .i8)
    case .f32, .i32: return nil
    }
  }
  func indexOutput() -> IndexOutput { address(operation.results[0]).assumingMemoryBound(to: Int32.self) }

  /// Joins every op to its kernels; an op without a case does not compile.
  mutating func bind() {
    switch operation.opCase {
    case .constant(let op): emit(.fill(FillArguments(target: output(), count: resultType().count, value: op.value)))
    case .unary(let op): bindUnary(op)
    case .affine(let op):
      emit(.affine(AffineArguments(x: input(0), y: output(), count: type(0).count, scale: op.scale, offset: op.offset)))
    case .binary(let op): bindBinary(op)
    case .pointwise(let op): bindPointwise(op)
    case .stopGradient, .reshape: break
    case .transpose(let op): bindTranspose(op)
    case .concat(let op): bindConcat(op)
    case .slice(let op): bindSlice(op)
    case .pad(let op): bindPad(op)
    case .reduceSum(let op): bindReduce(op)
    case .broadcast(let op):
      let inner = shape(0).dropFirst(op.at).reduce(1, *)
      emit(
        .broadcast(
          BroadcastArguments(
            x: input(0), y: output(), outer: type(0).count / inner, repeats: op.extents.reduce(1, *), inner: inner)))
    case .matmul(let op): bindMatMul(op)
    case .linear(let op): bindLinear(op)
    case .packWeights(let op): bindPackWeights(op)
    case .conv2D(let op): bindConvolution(op)
    case .conv2DInputGradient(let op): bindConvolutionInputGradient(op)
    case .conv2DWeightGradient(let op): bindConvolutionWeightGradient(op)
    case .upsample:
      let s = shape(0)
      emit(
        .upsample(
          UpsampleArguments(x: input(0), y: output(), batch: s[0], height: s[1], width: s[2], channels: s[3])))
    case .upsampleGradient:
      let s = resultType().shape
      emit(
        .upsampleGradient(
          UpsampleGradientArguments(dy: input(0), dx: output(), batch: s[0], height: s[1], width: s[2], channels: s[3]))
      )
    case .resizeNearest(let op):
      let s = shape(0)
      emit(
        .resizeNearest(
          ResizeNearestArguments(
            x: input(0), y: output(), batch: s[0], source: SIMD2(s[1], s[2]), target: SIMD2(op.height, op.width),
            channels: s[3])))
    case .groupNorm(let op): bindGroupNorm(op)
    case .groupNormApply(let op): bindGroupNormApply(op)
    case .groupNormGradient(let op): bindGroupNormGradient(op)
    case .layerNorm(let op): bindRowNorm(epsilon: op.epsilon, layer: true)
    case .layerNormGradient: bindRowNormGradient(layer: true)
    case .rmsNorm(let op): bindRowNorm(epsilon: op.epsilon, layer: false)
    case .rmsNormGradient: bindRowNormGradient(layer: false)
    case .softmax:
      emit(.softmax(SoftmaxArguments(x: input(0), y: output(), rows: type(0).rowCount, width: type(0).lastExtent)))
    case .softmaxGradient:
      emit(
        .softmaxGradient(
          SoftmaxGradientArguments(
            y: input(0), dy: input(1), dx: output(), rows: type(0).rowCount, width: type(0).lastExtent)))
    case .attention(let op): bindAttention(op)
    case .attentionGradient(let op): bindAttentionGradient(op)
    case .cachedAttention(let op): bindCachedAttention(op)
    case .cacheWrite:
      let s = shape(0)
      emit(
        .cacheWrite(
          CacheWriteArguments(
            x: input(1), cache: mutable(0), position: indices(2), batch: s[0], capacity: s[1], width: s[2] * s[3])))
    case .rotary(let op): bindRotary(op)
    case .embedding:
      if let (w, storage) = narrow(0) {
        let scales = storage == .i8 ? input(2) : nil
        let widen = WidenArguments(
          w: w, storage: storage, scales: scales, indices: indices(1), y: output(), rows: shape(0)[0],
          count: type(1).count, width: shape(0)[1])
        return emit(MatrixCall.widen(widen))
      }
      emit(
        .embedding(
          EmbeddingArguments(
            table: input(0), indices: indices(1), y: output(), rows: shape(0)[0], width: shape(0)[1],
            count: type(1).count)))
    case .embeddingGradient(let op):
      emit(
        .embeddingGradient(
          EmbeddingGradientArguments(
            indices: indices(0), dy: input(1), table: output(), rows: op.rows, width: type(1).lastExtent,
            count: type(0).count)))
    case .l2Normalize(let op):
      emit(
        .l2Normalize(
          L2NormalizeArguments(
            x: input(0), y: output(), rows: type(0).rowCount, width: type(0).lastExtent, epsilon: op.epsilon)))
    case .l2NormalizeGradient(let op):
      emit(
        .l2NormalizeGradient(
          L2NormalizeGradientArguments(
            x: input(0), dy: input(1), dx: output(), rows: type(0).rowCount, width: type(0).lastExtent,
            epsilon: op.epsilon)))
    case .nearestCode: bindNearestCode()
    case .quantize: bindQuantize()
    case .entropyLoss(let op): bindEntropyLoss(op)
    case .entropyLossGradient(let op): bindEntropyLossGradient(op)
    case .crossEntropy: bindCrossEntropy()
    case .crossEntropyGradient:
      emit(
        .crossEntropyGradient(
          CrossEntropyGradientArguments(
            logits: input(0), targets: indices(1), lse: input(2), gradient: input(3), dx: output(), rows: shape(0)[0],
            width: shape(0)[1])))
    case .dropout(let op):
      emit(
        .dropout(
          DropoutArguments(
            x: input(0), y: output(), key: indices(1), count: type(0).count, rate: op.rate,
            stream: UInt32(truncatingIfNeeded: op.stream))))
    case .dropLabels(let op):
      emit(
        .dropLabels(
          DropLabelsArguments(
            labels: indices(0), result: indexOutput(), key: indices(1), count: type(0).count, rate: op.rate,
            replacement: Int32(truncatingIfNeeded: op.replacement), stream: UInt32(truncatingIfNeeded: op.stream))))
    case .sampleToken(let op):
      emit(
        .sample(
          SampleArguments(
            logits: input(0), settings: input(1), key: indices(2), position: indices(3), result: indexOutput(),
            rows: shape(0)[0], width: shape(0)[1], stream: UInt32(truncatingIfNeeded: op.stream))))
    case .randomIndices(let op):
      emit(
        .randomIndices(
          RandomIndicesArguments(
            key: indices(0), indices: indexOutput(), count: op.count, bound: op.bound,
            stream: UInt32(truncatingIfNeeded: op.stream))))
    case .perturbCodes(let op): bindPerturbCodes(op)
    case .randomUniform(let op):
      emit(
        .randomUniform(
          RandomUniformArguments(
            key: indices(0), result: output(), count: op.count, first: op.first,
            stream: UInt32(truncatingIfNeeded: op.stream))))
    case .displaceImages(let op):
      let s = shape(0)
      emit(
        .displaceImages(
          DisplaceImagesArguments(
            x: input(0), key: indices(1), y: output(), batch: s[0], size: SIMD2(s[1], s[2]), channels: s[3],
            shift: op.shift, hole: op.hole, first: op.first, stream: UInt32(truncatingIfNeeded: op.stream),
            inverse: op.inverse)))
    case .increment:
      emit(.increment(IncrementArguments(counter: IndexOutput(mutating: indices(0)))))
    case .learningRate(let op):
      emit(
        .learningRate(
          LearningRateArguments(
            step: indices(0), rate: output(), base: op.base, warmup: op.warmup, total: op.total, final: op.final,
            cosine: op.kind == .cosine)))
    case .schedule(let op): bindSchedule(op)
    case .gradientNorm: bindGradientNorm()
    case .adamGroup(let op): bindAdamGroup(op)
    case .adam(let op):
      emit(
        .adam(
          AdamArguments(
            parameter: mutable(0), moment1: mutable(1), moment2: mutable(2), gradient: input(3), rate: input(4),
            scale: input(5), step: indices(6), count: type(0).count, beta1: op.beta1, beta2: op.beta2,
            epsilon: op.epsilon, weightDecay: op.weightDecay)))
    case .movingAverage(let op):
      emit(
        .movingAverage(
          MovingAverageArguments(average: mutable(0), source: input(1), count: type(0).count, decay: op.decay)))
    }
  }
}
