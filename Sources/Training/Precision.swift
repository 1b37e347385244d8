import Ops
import Passes
import Spec

extension OperandPrecision {
  /// What a spec asks for.
  public init(_ precision: TrainingSpec.Precision) {
    switch precision {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .strict: self = .strict
    }
  }
}

extension TrainingSpec.Precision {
  /// How a spec asks for a precision.
  public init(_ precision: OperandPrecision) {
    switch precision {
    case .f32: self = .f32
    case .bf16: self = .bf16
    case .strict: self = .strict
    }
  }
}

extension WeightStorage {
  /// How weights of decoding are stored unless something else is asked for: weights that are rounded when they are
  /// multiplied need not be kept in full.
  public init(following precision: TrainingSpec.Precision) {
    switch precision {
    case .f32, .strict: self = .f32
    case .bf16: self = .bf16
    }
  }
}
