import Foundation

/// Extents of an attention: q [B, T, H, D], k and v [B, S, H, D].
public struct AttentionExtents: Sendable, Hashable {
  /// Batch B.
  public var batch: Int
  /// Queries T.
  public var queries: Int
  /// Keys S.
  public var keys: Int
  /// Heads H.
  public var heads: Int
  /// Head width D.
  public var depth: Int
  /// Factor of the logits.
  public var scale: Double
  /// Whether query t sees keys up to t + S - T.
  public var causal: Bool

  /// The extents of one attention.
  public init(batch: Int, queries: Int, keys: Int, heads: Int, depth: Int, scale: Double, causal: Bool) {
    self.batch = batch
    self.queries = queries
    self.keys = keys
    self.heads = heads
    self.depth = depth
    self.scale = scale
    self.causal = causal
  }

  /// Index of the first element of a query's head.
  func query(_ b: Int, _ t: Int, _ h: Int) -> Int { ((b * queries + t) * heads + h) * depth }
  /// Index of the first element of a key's head.
  func key(_ b: Int, _ s: Int, _ h: Int) -> Int { ((b * keys + s) * heads + h) * depth }
  func seen(_ t: Int) -> Int { causal ? t + keys - queries + 1 : keys }
}

extension Reference {
  /// softmax(scale q k^T) v and the log-sum-exp of the scaled logits, [B, H, T].
  public static func attention(
    _ e: AttentionExtents, q: [Double], k: [Double], v: [Double]
  ) -> (o: [Double], lse: [Double]) {
    var o = [Double](repeating: 0, count: q.count)
    var lse = [Double](repeating: 0, count: e.batch * e.heads * e.queries)
    forRows(e, q, k) { b, h, t, probabilities, logSum in
      lse[(b * e.heads + h) * e.queries + t] = logSum
      for (s, p) in probabilities.enumerated() {
        for d in 0..<e.depth { o[e.query(b, t, h) + d] += p * v[e.key(b, s, h) + d] }
      }
    }
    return (o, lse)
  }

  /// Gradients with respect to q, k and v.
  public static func attentionGradient(
    _ e: AttentionExtents, q: [Double], k: [Double], v: [Double], dOutput: [Double]
  ) -> (dq: [Double], dk: [Double], dv: [Double]) {
    var dq = [Double](repeating: 0, count: q.count)
    var dk = [Double](repeating: 0, count: k.count)
    var dv = dk
    forRows(e, q, k) { b, h, t, probabilities, _ in
      let row = e.query(b, t, h)
      let dp = probabilities.indices.map { s in
        (0..<e.depth).reduce(0) { $0 + dOutput[row + $1] * v[e.key(b, s, h) + $1] }
      }
      let mean = zip(probabilities, dp).reduce(0) { $0 + $1.0 * $1.1 }
      for (s, p) in probabilities.enumerated() {
        let dLogit = p * (dp[s] - mean) * e.scale
        let key = e.key(b, s, h)
        for d in 0..<e.depth {
          dq[row + d] += dLogit * k[key + d]
          dk[key + d] += dLogit * q[row + d]
          dv[key + d] += p * dOutput[row + d]
        }
      }
    }
    return (dq, dk, dv)
  }

  private static func forRows(
    _ e: AttentionExtents, _ q: [Double], _ k: [Double],
    _ body: (_ b: Int, _ h: Int, _ t: Int, _ probabilities: [Double], _ logSum: Double) -> Void
  ) {
    for b in 0..<e.batch {
      for h in 0..<e.heads {
        for t in 0..<e.queries {
          let logits = (0..<e.seen(t)).map { s in
            e.scale * (0..<e.depth).reduce(0) { $0 + q[e.query(b, t, h) + $1] * k[e.key(b, s, h) + $1] }
          }
          let peak = logits.max() ?? 0
          let sum = logits.reduce(0) { $0 + exp($1 - peak) }
          body(b, h, t, logits.map { exp($0 - peak) / sum }, peak + log(sum))
        }
      }
    }
  }
}
