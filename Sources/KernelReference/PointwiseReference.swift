import KernelInterface

extension TensorReference {
  /// Every step over all elements before the next.
  public static func pointwise(_ a: PointwiseArguments, _ units: Range<Int>, _ scratch: UnsafeMutableRawPointer) {
    var stack: [[Float]] = []
    for index in 0..<a.stepCount {
      switch a.steps[index] {
      case .operand(let number):
        let operand = a.operands[Int(number)]
        stack.append((0..<a.count).map { operand.base[$0 % operand.inner] })
      case .unary(let function): stack.append(stack.removeLast().map { Float(value(function, Double($0))) })
      case .affine(let scale, let offset):
        stack.append(stack.removeLast().map { Float(Double(scale) * Double($0) + Double(offset)) })
      case .binary(let function):
        let y = stack.removeLast()
        stack.append(zip(stack.removeLast(), y).map { Float(value(function, Double($0), Double($1))) })
      }
    }
    for (index, element) in stack[0].enumerated() { a.y[index] = element }
  }
}
