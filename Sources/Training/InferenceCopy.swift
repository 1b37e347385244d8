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

/// Sheets of pictures that a model draws while it trains. What draws them is made when the first is due.
final class SampleSheets<Sheet> {
  private let session: ModelSession
  private let makeSheet: (ModelSession) throws -> Sheet
  private var made: (copy: InferenceCopy, sheet: Sheet)?

  /// Sheets that `makeSheet` makes of a session with the weights for inference.
  init(of session: ModelSession, _ makeSheet: @escaping (ModelSession) throws -> Sheet) {
    self.session = session
    self.makeSheet = makeSheet
  }

  /// Calls `write` with a sheet of the weights as they are now.
  func draw(_ write: (Sheet) throws -> Void) throws {
    if made == nil {
      let copy = InferenceCopy(of: session)
      made = (copy, try makeSheet(copy.session))
    }
    guard let (copy, sheet) = made else { return }
    copy.refresh()
    try write(sheet)
  }
}
