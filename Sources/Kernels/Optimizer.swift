// The members that a protocol requires are documented there.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import Foundation
import KernelInterface

extension Kernels {
  public static func increment(_ a: IncrementArguments, _ units: Range<Int>) { a.counter.pointee &+= 1 }

  public static func learningRate(_ a: LearningRateArguments, _ units: Range<Int>) {
    let done = Int(a.step.pointee)
    if done < a.warmup {
      a.rate[0] = a.base * (Float(done + 1) / Float(a.warmup))
    } else if a.cosine {
      let progress = min(1, Double(done - a.warmup) / Double(max(1, a.total - a.warmup)))
      let left = Double(a.final) + (1 - Double(a.final)) * 0.5 * (1 + cos(Double.pi * progress))
      a.rate[0] = a.base * Float(left)
    } else {
      a.rate[0] = a.base
    }
  }

  public static func schedule(_ a: ScheduleArguments, _ units: Range<Int>) {
    let done = Int(a.step.pointee) - a.start
    if done < 0 {
      a.value[0] = a.from
      return
    }
    switch a.shape {
    case .step: a.value[0] = a.to
    case .every: a.value[0] = done % a.span == 0 ? a.to : a.from
    case .linear, .cosine:
      let progress = a.span == 0 ? 1 : min(1, Double(done) / Double(a.span))
      let share = a.shape == .linear ? progress : 0.5 * (1 - cos(Double.pi * progress))
      a.value[0] = Float(Double(a.from) * (1 - share) + Double(a.to) * share)
    }
  }

  public static func adam(_ a: AdamArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    let steps = Float(a.step.pointee) + 1
    let correction1 = 1 / (1 - pow(a.beta1, steps))
    let correction2 = 1 / (1 - pow(a.beta2, steps))
    let (rate, scale) = (a.rate[0], a.scale[0])
    let keep = 1 - rate * a.weightDecay
    @inline(always)
    func update(_ p: Vector, _ m: Vector, _ v: Vector, _ g: Vector) -> (Vector, Vector, Vector) {
      let gradient = g * scale
      let m = multiplyAdd(m, splat(a.beta1), gradient * (1 - a.beta1))
      let v = multiplyAdd(v, splat(a.beta2), gradient * gradient * (1 - a.beta2))
      let root = (v * correction2).squareRoot() + a.epsilon
      return (p * keep - (m * (rate * correction1)) / root, m, v)
    }
    forVectors(range) {
      let (p, m, v) = update(
        load(a.parameter, $0), load(a.moment1, $0), load(a.moment2, $0), load(a.gradient, $0))
      store(p, a.parameter, $0)
      store(m, a.moment1, $0)
      store(v, a.moment2, $0)
    } partial: {
      let (p, m, v) = update(
        loadPartial(a.parameter + $0, $1), loadPartial(a.moment1 + $0, $1), loadPartial(a.moment2 + $0, $1),
        loadPartial(a.gradient + $0, $1))
      storePartial(p, a.parameter + $0, $1)
      storePartial(m, a.moment1 + $0, $1)
      storePartial(v, a.moment2 + $0, $1)
    }
  }

  public static func movingAverage(_ a: MovingAverageArguments, _ units: Range<Int>) {
    let range = elements(units, of: a.count, unit: Partition.elementwise)
    forVectors(range) {
      store(multiplyAdd(load(a.average, $0), splat(a.decay), load(a.source, $0) * (1 - a.decay)), a.average, $0)
    } partial: { start, count in
      for i in start..<start + count { a.average[i] = a.average[i] * a.decay + a.source[i] * (1 - a.decay) }
    }
  }
}
