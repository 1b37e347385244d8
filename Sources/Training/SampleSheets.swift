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
