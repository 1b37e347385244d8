import CProcessor

#if FACET_AVX512
  typealias Vector = SIMD16<Float>
  typealias IntVector = SIMD16<Int32>
#elseif FACET_AVX2
  typealias Vector = SIMD8<Float>
  typealias IntVector = SIMD8<Int32>
#else
  typealias Vector = SIMD4<Float>
  typealias IntVector = SIMD4<Int32>
#endif

/// Elements of a vector register.
let lanes = Vector.scalarCount
/// Columns of a panel: two registers.
let panel = 2 * lanes

@inline(__always)
func load(_ pointer: UnsafePointer<Float>, _ offset: Int = 0) -> Vector {
  UnsafeRawPointer(pointer + offset).loadUnaligned(as: Vector.self)
}

@inline(__always)
func load(_ pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) -> Vector {
  UnsafeRawPointer(pointer + offset).loadUnaligned(as: Vector.self)
}

@inline(__always)
func store(_ value: Vector, _ pointer: UnsafeMutablePointer<Float>, _ offset: Int = 0) {
  UnsafeMutableRawPointer(pointer + offset).storeBytes(of: value, as: Vector.self)
}

/// The first `count` elements, zeros after them.
@inline(__always)
func loadPartial(_ pointer: UnsafePointer<Float>, _ count: Int) -> Vector { facet_load_partial(pointer, count) }

@inline(__always)
func storePartial(_ value: Vector, _ pointer: UnsafeMutablePointer<Float>, _ count: Int) {
  facet_store_partial(value, pointer, count)
}

/// a * b + c, fused where the instruction set has it (elsewhere a fused form would be a library call).
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector {
  #if FACET_FMA
    return facet_multiply_add(a, b, c)
  #else
    return c + a * b
  #endif
}

/// a * b + c for scalars.
@inline(__always)
func multiplyAdd(_ a: Float, _ b: Float, _ c: Float) -> Float {
  #if FACET_FMA
    return c.addingProduct(a, b)
  #else
    return c + a * b
  #endif
}

@inline(__always)
func splat(_ value: Float) -> Vector { Vector(repeating: value) }

/// The sum of all lanes in a fixed tree.
@inline(__always)
func total(_ value: Vector) -> Float {
  #if FACET_AVX512
    let half = value.lowHalf + value.highHalf
    let quarter = half.lowHalf + half.highHalf
  #elseif FACET_AVX2
    let quarter = value.lowHalf + value.highHalf
  #else
    let quarter = value
  #endif
  let pair = quarter.lowHalf + quarter.highHalf
  return pair[0] + pair[1]
}

/// The largest lane.
@inline(__always)
func largestLane(_ value: Vector) -> Float {
  #if FACET_AVX512
    let half = larger(value.lowHalf, value.highHalf)
    let quarter = larger(half.lowHalf, half.highHalf)
  #elseif FACET_AVX2
    let quarter = larger(value.lowHalf, value.highHalf)
  #else
    let quarter = value
  #endif
  let pair = larger(quarter.lowHalf, quarter.highHalf)
  return pair[0] < pair[1] ? pair[1] : pair[0]
}

@inline(__always)
private func larger<V: SIMD>(_ a: V, _ b: V) -> V where V.Scalar == Float {
  a.replacing(with: b, where: a .< b)
}
