import Foundation
import KernelInterface

extension Reference {
  /// op(A) op(B) for a batch, row by row: [batch, M, N].
  public static func product(_ p: ProductPlan, a: [Double], b: [Double]) -> [Double] {
    var c = [Double](repeating: 0, count: p.batch * p.m * p.n)
    for matrix in 0..<p.batch {
      for i in 0..<p.m {
        for j in 0..<p.n {
          var sum = 0.0
          for k in 0..<p.k {
            let left = a[matrix * p.m * p.k + (p.transposeA ? k * p.m + i : i * p.k + k)]
            let right = b[matrix * p.k * p.n + (p.transposeB ? j * p.k + k : k * p.n + j)]
            sum += left * right
          }
          c[(matrix * p.m + i) * p.n + j] = sum
        }
      }
    }
    return c
  }

  /// activation(c + bias) + residual over rows of the bias's length.
  public static func epilogue(
    _ c: [Double], bias: [Double], activation: FusedActivation, residual: [Double]
  ) -> [Double] {
    c.indices.map { i in
      let x = c[i] + bias[i % bias.count]
      let y =
        switch activation {
        case .none: x
        case .relu: max(0, x)
        case .silu: x / (1 + exp(-x))
        case .gelu: 0.5 * x * (1 + erf(x / 2.0.squareRoot()))
        }
      return y + residual[i]
    }
  }
}
