import Foundation
import IR

/// The 2-D rotary table [P, D/2, 2] of (cos, sin): a zero entry for the class position, then the positions of the grid
/// row by row; the first half of the pairs turns by the row, the second by the column. Entries past the grid are zero.
public func rotaryTable(_ type: TensorType, grid: Int, base: Double) -> Tensor {
  var table = Tensor(type, filledWith: 0)
  let (positions, pairs) = (type.shape[0], type.shape[1])
  let half = (pairs + 1) / 2
  for position in 1..<max(1, min(positions, grid * grid + 1)) {
    for pair in 0..<pairs {
      let coordinate = pair < half ? (position - 1) / grid : (position - 1) % grid
      // The frequencies of a head of 2 * half dimensions, one per pair.
      let angle = Double(coordinate) * pow(base, -Double(pair % half) / Double(half))
      table.reals[(position * pairs + pair) * 2] = cos(angle)
      table.reals[(position * pairs + pair) * 2 + 1] = sin(angle)
    }
  }
  return table
}
