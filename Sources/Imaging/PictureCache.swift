import Synchronization

/// Keeps decoded pictures in memory up to a number of bytes. What fits first stays: with every epoch visiting every picture
/// once, throwing older pictures out for newer ones would never give a hit.
final class PictureCache: Sendable {
  private struct State {
    var pictures: [Int: RGBImage] = [:]
    var bytes = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  subscript(index: Int) -> RGBImage? { state.withLock { $0.pictures[index] } }

  func keep(_ picture: RGBImage, at index: Int) {
    state.withLock { state in
      guard state.bytes + picture.bytes.count <= limit, state.pictures[index] == nil else { return }
      state.pictures[index] = picture
      state.bytes += picture.bytes.count
    }
  }

  var bytes: Int { state.withLock { $0.bytes } }
}
