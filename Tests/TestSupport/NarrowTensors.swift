import Foundation
import IR

/// The nearest bfloat16 (eight significant bits), ties to even.
public func nearestBF16(_ value: Double) -> Double {
  guard value != 0, value.isFinite else { return value }
  let quantum = scalbn(1, Int(value.exponent) - 7)
  return (value / quantum).rounded(.toNearestOrEven) * quantum
}

extension Tensor {
  /// What is kept of an f32 matrix.
  public func narrowed(_ narrowing: Narrowing) -> Tensor? {
    guard let result = narrowing.type(of: type) else { return nil }
    let width = shape[1]
    let scales = (0..<shape[0]).map { row in
      Double(Float((reals[row * width..<(row + 1) * width].map(abs).max() ?? 0) / 127))
    }
    switch narrowing {
    case .bf16: return Tensor(result, reals.map(nearestBF16))
    case .scales: return Tensor(result, scales)
    case .i8:
      let integers = reals.enumerated().map { index, value in
        let scale = scales[index / width]
        return scale == 0 ? 0 : Int(Double(Float(value / scale)).rounded(.toNearestOrEven))
      }
      return Tensor(result, integers: integers)
    }
  }

  /// The elements of a matrix that may be i8 with one scale per row.
  func widened(scales: Tensor?) -> [Double] {
    guard let scales else { return reals }
    return integers.enumerated().map { index, value in Double(value) * scales.reals[index / shape[1]] }
  }
}
