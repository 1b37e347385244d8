import IR
import Ops

extension ReferenceInterpreter {
  static func transpose(_ op: Transpose, _ x: Tensor, _ type: TensorType) -> Evaluation {
    let operandStrides = strides(x.shape)
    let resultStrides = strides(type.shape)
    return gathered(from: x, type) { index in
      var source = 0
      for (axis, operandAxis) in op.permutation.enumerated() {
        source += index / resultStrides[axis] % type.shape[axis] * operandStrides[operandAxis]
      }
      return source
    }
  }

  static func concat(_ op: Concat, _ operands: [Tensor], _ type: TensorType) -> Evaluation {
    let outer = type.shape[..<op.axis].reduce(1, *)
    var reals: [Double] = []
    var integers: [Int] = []
    for row in 0..<outer {
      for operand in operands {
        let length = operand.type.count / outer
        let range = row * length..<(row + 1) * length
        if type.dtype == .i32 {
          integers += operand.integers[range]
        } else {
          reals += operand.reals[range]
        }
      }
    }
    return Evaluation(type.dtype == .i32 ? Tensor(type, integers: integers) : Tensor(type, reals))
  }

  static func slice(_ op: Slice, _ x: Tensor, _ type: TensorType) -> Evaluation {
    let inner = x.shape[(op.axis + 1)...].reduce(1, *)
    let (extent, kept) = (x.shape[op.axis], op.end - op.start)
    return gathered(from: x, type) { index in
      let (outer, position) = (index / inner / kept, index / inner % kept)
      return (outer * extent + op.start + position) * inner + index % inner
    }
  }

  static func pad(_ op: Pad, _ x: Tensor, _ type: TensorType) -> Evaluation {
    let inner = x.shape[(op.axis + 1)...].reduce(1, *)
    let (extent, padded) = (x.shape[op.axis], type.shape[op.axis])
    var y = Tensor(type, filledWith: 0)
    for index in x.reals.indices {
      let (outer, position) = (index / inner / extent, index / inner % extent)
      y.reals[(outer * padded + op.before + position) * inner + index % inner] = x.reals[index]
    }
    return Evaluation(y)
  }

  static func reduceSum(_ op: ReduceSum, _ x: Tensor, _ type: TensorType) -> Evaluation {
    let summed = x.shape[op.start..<op.end].reduce(1, *)
    let inner = x.shape[op.end...].reduce(1, *)
    var y = Tensor(type, filledWith: 0)
    for index in x.reals.indices {
      y.reals[index / (summed * inner) * inner + index % inner] += x.reals[index]
    }
    return Evaluation(y)
  }

  static func broadcast(_ op: Broadcast, _ x: Tensor, _ type: TensorType) -> Evaluation {
    let repeated = op.extents.reduce(1, *)
    let inner = x.shape[op.at...].reduce(1, *)
    return gathered(from: x, type) { $0 / (repeated * inner) * inner + $0 % inner }
  }

  /// A result whose element i is the operand's element `source(i)`.
  private static func gathered(from x: Tensor, _ type: TensorType, _ source: (Int) -> Int)
    -> Evaluation
  {
    if type.dtype == .i32 {
      return Evaluation(Tensor(type, integers: (0..<type.count).map { x.integers[source($0)] }))
    }
    return Evaluation(Tensor(type, (0..<type.count).map { x.reals[source($0)] }))
  }

  /// Distance in elements between neighbours along each axis.
  static func strides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }
}
