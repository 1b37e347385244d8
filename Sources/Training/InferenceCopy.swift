import Models
import Runtime

/// A second set of weights from which pictures are made while a model trains: the moving averages where the stage keeps
/// them, else the weights themselves.
final class InferenceCopy {
  let session: ModelSession
  private let source: ParameterStore

  /// A copy of what `session` trains; it shares threads and kernels.
  init(of session: ModelSession) {
    self.session = ModelSession(sharing: session)
    source = session.store
  }

  /// Brings every parameter that the copy has to the state of the trained weights.
  func refresh() {
    for name in session.store.names {
      guard session.store.symbol(name)?.role == .parameter, let target = session.store.floats(name) else { continue }
      if let values = source.floats(OptimizationStep.averageName(of: name)) ?? source.floats(name) {
        _ = target.update(from: values)
      }
    }
  }
}
