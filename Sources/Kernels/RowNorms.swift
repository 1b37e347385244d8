// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import KernelInterface

extension Kernels {
  public static func rowNorm(_ a: RowNormArguments, _ units: Range<Int>) {
    let inverse = 1 / Float(a.width)
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (x, y) = (a.x + row * a.width, a.y + row * a.width)
      let mean = a.mean == nil ? 0 : rowSum(x, a.width) * inverse
      a.mean?[row] = mean
      let rstd = 1 / (squaredDeviation(x, a.width, mean) * inverse + a.epsilon).squareRoot()
      a.rstd[row] = rstd
      forVectors(0..<a.width) { i in
        let normal = (load(x, i) - mean) * rstd * load(a.gamma, i)
        if let beta = a.beta { store(normal + load(beta, i), y, i) } else { store(normal, y, i) }
      } partial: { start, count in
        for i in start..<start + count { y[i] = (x[i] - mean) * rstd * a.gamma[i] + (a.beta?[i] ?? 0) }
      }
    }
  }

  @inline(always)
  private static func squaredDeviation(_ x: UnsafePointer<Float>, _ count: Int, _ mean: Float) -> Float {
    var sums = Vector()
    var tail: Float = 0
    forVectors(0..<count) {
      let d = load(x, $0) - mean
      sums = multiplyAdd(d, d, sums)
    } partial: { start, left in
      for i in start..<start + left { tail += (x[i] - mean) * (x[i] - mean) }
    }
    return total(sums) + tail
  }

  public static func rowNormGradient(_ a: RowNormGradientArguments, _ units: Range<Int>) {
    let chunks = RowNormGradientArguments.chunks(rows: a.rows)
    let inverse = 1 / Float(a.width)
    for chunk in units {
      let dgamma = a.dgamma + chunk * a.width
      let dbeta = a.dbeta.map { $0 + chunk * a.width }
      dgamma.update(repeating: 0, count: a.width)
      dbeta?.update(repeating: 0, count: a.width)
      for row in a.rows * chunk / chunks..<a.rows * (chunk + 1) / chunks {
        let (x, dy, dx) = (a.x + row * a.width, a.dy + row * a.width, a.dx + row * a.width)
        let added = a.sum.map { $0 + row * a.width }
        let rstd = a.rstd[row]
        let mean = a.mean?[row] ?? 0
        var (sums, products) = (Vector(), Vector())
        var (sum, product): (Float, Float) = (0, 0)
        forVectors(0..<a.width) {
          let normal = (load(x, $0) - mean) * rstd
          let gradient = load(dy, $0)
          let scaled = gradient * load(a.gamma, $0)
          sums += scaled
          products = multiplyAdd(scaled, normal, products)
          store(multiplyAdd(gradient, normal, load(dgamma, $0)), dgamma, $0)
          if let dbeta { store(load(dbeta, $0) + gradient, dbeta, $0) }
        } partial: { start, count in
          for i in start..<start + count {
            let normal = (x[i] - mean) * rstd
            sum += dy[i] * a.gamma[i]
            product += dy[i] * a.gamma[i] * normal
            dgamma[i] += dy[i] * normal
            dbeta?[i] += dy[i]
          }
        }
        // The mean's own path exists only for layer normalisation.
        let meanSum = a.mean == nil ? 0 : (total(sums) + sum) * inverse
        let meanProduct = (total(products) + product) * inverse
        forVectors(0..<a.width) {
          let normal = (load(x, $0) - mean) * rstd
          var value = (load(dy, $0) * load(a.gamma, $0) - meanSum - normal * meanProduct) * rstd
          if let added { value += load(added, $0) }
          store(value, dx, $0)
        } partial: { start, count in
          for i in start..<start + count {
            dx[i] = (dy[i] * a.gamma[i] - meanSum - (x[i] - mean) * rstd * meanProduct) * rstd + (added?[i] ?? 0)
          }
        }
      }
    }
  }

  public static func l2Normalize(_ a: L2NormalizeArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (x, y) = (a.x + row * a.width, a.y + row * a.width)
      let factor = 1 / max(dot(x, x, a.width).squareRoot(), a.epsilon)
      for i in 0..<a.width { y[i] = x[i] * factor }
    }
  }

  public static func l2NormalizeGradient(_ a: L2NormalizeGradientArguments, _ units: Range<Int>) {
    for row in elements(units, of: a.rows, unit: Partition.rows(width: a.width)) {
      let (x, dy, dx) = (a.x + row * a.width, a.dy + row * a.width, a.dx + row * a.width)
      let norm = dot(x, x, a.width).squareRoot()
      let factor = 1 / max(norm, a.epsilon)
      // Below epsilon the divisor is constant.
      let along = norm > a.epsilon ? dot(x, dy, a.width) * factor * factor * factor : 0
      for i in 0..<a.width { dx[i] = dy[i] * factor - x[i] * along }
    }
  }
}
