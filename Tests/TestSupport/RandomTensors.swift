import IR

/// Where random elements lie.
public enum ElementRange: Hashable, Sendable {
  /// Uniform in [-1, 1): activations and weights.
  case signed
  /// Uniform in [0.3, 1.8): operands of logarithms, roots and divisors.
  case positive
  /// Of either sign, magnitude uniform in [0.2, 1.2): operands of functions with a kink or pole at zero.
  case awayFromZero
  /// Uniform between two bounds.
  case between(Double, Double)
  /// Integers from a range, also for real tensors.
  case integers(Range<Int>)
}

/// A seeded source of tensors (SplitMix64). Real elements are representable in single precision, so that a kernel and
/// the reference interpreter can be given exactly the same numbers.
public struct RandomTensors: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A source; equal seeds give equal tensors.
  public init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }

  /// A real number uniform in [0, 1).
  public mutating func unit() -> Double { Double(next() >> 40) / Double(1 << 24) }

  /// A tensor with elements in the given range; integer tensors need `.integers`, else they are zeros and ones.
  public mutating func tensor(_ type: TensorType, _ range: ElementRange = .signed) -> Tensor {
    if type.dtype.isInteger {
      var bounds = 0..<2
      if case .integers(let given) = range { bounds = given }
      return Tensor(
        type, integers: (0..<type.count).map { _ in Int.random(in: bounds, using: &self) })
    }
    let reals = (0..<type.count).map { _ in Double(Float(element(range))) }
    return Tensor(type, type.dtype == .bf16 ? reals.map(nearestBF16) : reals)
  }

  private mutating func element(_ range: ElementRange) -> Double {
    switch range {
    case .signed: return 2 * unit() - 1
    case .positive: return 0.3 + 1.5 * unit()
    case .awayFromZero: return (next() & 1 == 0 ? 1 : -1) * (0.2 + unit())
    case .between(let lower, let upper): return lower + (upper - lower) * unit()
    case .integers(let bounds): return Double(Int.random(in: bounds, using: &self))
    }
  }

  /// Contents for every symbol of a program. Initial zeros would hide mistakes, so real parameters are uniform in
  /// [-1, 1) and real state positive (a second moment must be); counters are small, constants are what they say.
  public mutating func symbols(of program: Program) -> [String: Tensor] {
    var contents: [String: Tensor] = [:]
    for use in program.symbols {
      let symbol = use.symbol
      switch (symbol.role, symbol.type.dtype) {
      case (.constant, _), (.derived, _): contents[symbol.name] = constant(symbol)
      case (_, .i32): contents[symbol.name] = tensor(symbol.type, .integers(0..<3))
      case (.parameter, _): contents[symbol.name] = tensor(symbol.type, .signed)
      case (.state, _): contents[symbol.name] = tensor(symbol.type, .positive)
      }
    }
    return contents
  }

  private mutating func constant(_ symbol: Symbol) -> Tensor {
    switch symbol.initializer {
    case .zeros: return Tensor(symbol.type, filledWith: 0)
    case .ones: return Tensor(symbol.type, filledWith: 1)
    case .rotary2D(let grid, let base):
      return rotaryTable(symbol.type, grid: grid, base: Double(base))
    case .normal, .normalAround, .uniform, .unitRows, .lattice, .copy: return tensor(symbol.type, .signed)
    case .narrowed(_, .bf16): return tensor(symbol.type, .signed)
    case .narrowed(_, .i8): return tensor(symbol.type, .integers(-127..<128))
    case .narrowed(_, .scales): return tensor(symbol.type, .positive)
    }
  }
}
