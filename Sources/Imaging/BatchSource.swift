import Synchronization

/// What to do with a picture that cannot be read.
public enum UnreadablePolicy: Sendable {
  /// Use the next readable picture of the folder in its place, and report the file once.
  case skip
  /// Throw the error.
  case fail
}

/// How batches are made.
public struct BatchSettings: Sendable {
  /// Pictures per batch.
  public var batch: Int
  /// How a picture becomes a square.
  public var crop: SquareCrop
  /// Whether each epoch has an order of its own; else it is the folder's.
  public var shuffles = true
  /// The seed of the order and of the crops.
  public var seed: UInt64 = 0
  /// What to do with a picture that cannot be read.
  public var unreadable = UnreadablePolicy.skip
  /// Memory for decoded pictures (already halved towards the size asked for); 512 MiB unless changed.
  public var cacheBytes = 512 << 20
  /// How pictures are read.
  public var reader = PNGReader()

  /// - Precondition: `batch` at least 1.
  public init(batch: Int, crop: SquareCrop) {
    precondition(batch > 0, "a batch has at least one picture")
    self.batch = batch
    self.crop = crop
  }
}

/// Makes the batch of any step from the step's number alone, so that a resumed run sees what an uninterrupted one would.
///
/// Epochs follow each other without a gap: step s takes the places `s * batch ..< (s + 1) * batch` of the endless sequence
/// epoch 0, epoch 1, ..., so no picture is ever left out and a set smaller than the batch works too.
public final class BatchSource: Sendable {
  /// The pictures.
  public let folder: ImageFolder
  /// The settings.
  public let settings: BatchSettings
  private let report: @Sendable (_ path: String, _ error: any Error) -> Void
  private let cache: PictureCache
  private let orders = Mutex<[Int: [Int32]]>([:])
  private let unreadable = Mutex<[Int: any Error]>([:])

  /// - Parameter onUnreadable: told once about each file that was skipped, on the thread that fills the batch.
  public init(
    folder: ImageFolder, settings: BatchSettings,
    onUnreadable: @escaping @Sendable (_ path: String, _ error: any Error) -> Void = { _, _ in }
  ) {
    self.folder = folder
    self.settings = settings
    report = onUnreadable
    cache = PictureCache(limit: settings.cacheBytes)
  }

  /// The pictures of a step with the epoch of each; replacements of unreadable files are not applied.
  /// - Precondition: `step` is not negative.
  public func places(ofStep step: Int) -> [(epoch: Int, index: Int)] {
    precondition(step >= 0, "steps count from 0")
    return (step * settings.batch..<(step + 1) * settings.batch).map { place in
      let (epoch, position) = place.quotientAndRemainder(dividingBy: folder.count)
      return (epoch, settings.shuffles ? Int(order(of: epoch)[position]) : position)
    }
  }

  /// Fills a batch for a training step.
  /// - Precondition: the buffer has the batch's size.
  /// - Throws: the reader's errors under the policy `fail`; under `skip` only where no picture is readable.
  public func fill(step: Int, into buffer: BatchBuffer) throws { try fill(places(ofStep: step), into: buffer) }

  /// Fills a batch with given pictures, as an evaluation does; crops are those of epoch 0. The buffer may be larger.
  /// - Throws: as above.
  public func fill(indices: some Collection<Int>, into buffer: BatchBuffer) throws {
    try fill(indices.map { (0, $0) }, into: buffer)
  }

  private func fill(_ places: [(epoch: Int, index: Int)], into buffer: BatchBuffer) throws {
    let count = settings.crop.sampleCount
    precondition(
      buffer.pixels.count >= places.count * count && buffer.labels.count >= places.count, "the buffer is too small")
    for (row, place) in places.enumerated() {
      let (picture, index) = try readable(place.index)
      // Keyed by the place's own picture, so that a replacement is cropped anew and not like itself.
      var random = CounterRandom(seed: settings.seed, epoch: place.epoch, sample: place.index)
      let output = UnsafeMutableBufferPointer(rebasing: buffer.pixels[row * count..<(row + 1) * count])
      settings.crop.write(picture, random: &random, into: output)
      buffer.labels[row] = folder.samples[index].label
    }
  }

  private func readable(_ wanted: Int) throws -> (picture: RGBImage, index: Int) {
    for offset in 0..<folder.count {
      let index = (wanted + offset) % folder.count
      if unreadable.withLock({ $0[index] }) != nil { continue }
      do {
        return (try picture(index), index)
      } catch {
        guard settings.unreadable == .skip else { throw error }
        let isNew = unreadable.withLock { $0.updateValue(error, forKey: index) == nil }
        if isNew { report(folder.file(index), error) }
      }
    }
    throw unreadable.withLock { $0[wanted] }
      ?? ImageFolderError.noImages(path: folder.path, otherFormats: folder.otherFormats)
  }

  private func picture(_ index: Int) throws -> RGBImage {
    if let kept = cache[index] { return kept }
    let whole = try folder.sample(index, reader: settings.reader).image
    try settings.crop.check(whole, path: folder.file(index))
    let picture = whole.halved(towards: settings.crop.largestShorterSide)
    cache.keep(picture, at: index)
    return picture
  }

  private func order(of epoch: Int) -> [Int32] {
    orders.withLock { orders in
      if let order = orders[epoch] { return order }
      // A batch touches neighbouring epochs only; older ones are not needed again.
      if orders.count > 3 { orders.removeAll() }
      let order = epochOrder(count: folder.count, seed: settings.seed, epoch: epoch)
      orders[epoch] = order
      return order
    }
  }
}
