import KernelInterface

/// The activation of each lane.
@inline(__always)
func activate(_ activation: FusedActivation, _ x: Vector) -> Vector {
  switch activation {
  case .none: x
  case .relu: maximum(x, Vector())
  case .silu: x * sigmoid(x)
  case .gelu: gelu(x)
  }
}

/// c = activation(c) + residual over a block that has just been computed; both have rows `stride` apart.
@inline(never)
func applyEpilogue(
  _ c: UnsafeMutablePointer<Float>, residual: UnsafePointer<Float>?, stride: Int, rows: Int, columns: Int,
  activation: FusedActivation
) {
  switch activation {
  case .none: epilogue(c, residual, stride, rows, columns, .none)
  case .relu: epilogue(c, residual, stride, rows, columns, .relu)
  case .silu: epilogue(c, residual, stride, rows, columns, .silu)
  case .gelu: epilogue(c, residual, stride, rows, columns, .gelu)
  }
}

@inline(__always)
private func epilogue(
  _ c: UnsafeMutablePointer<Float>, _ residual: UnsafePointer<Float>?, _ stride: Int, _ rows: Int, _ columns: Int,
  _ activation: FusedActivation
) {
  for row in 0..<rows {
    let line = c + row * stride
    let added = residual.map { $0 + row * stride }
    forVectors(0..<columns) { i in
      var value = activate(activation, load(line, i))
      if let added { value += load(added, i) }
      store(value, line, i)
    } partial: { i, count in
      var value = activate(activation, loadPartial(UnsafePointer(line + i), count))
      if let added { value += loadPartial(added + i, count) }
      storePartial(value, line + i, count)
    }
  }
}
