/// How a picture of any shape becomes a square of the model's size: halving, bicubic scaling of the shorter side, a square
/// window, perhaps mirrored. (The recipe of ADM, which FQGAN's training uses.)
public struct SquareCrop: Equatable, Sendable {
  /// Where the window lies.
  public enum Placement: Equatable, Sendable {
    /// The shorter side becomes `size`, the window lies in the middle.
    case center
    /// The shorter side becomes a whole number drawn from `size ... size / range`, the window lies anywhere.
    /// `range` is in (0, 1]: 0.8 is usual, 1 keeps the shorter side whole.
    case random(range: Double)
    /// The picture is already a square of `size`; nothing is scaled.
    case exact
  }

  /// The side of the square.
  public let size: Int
  /// Where the window lies.
  public let placement: Placement
  /// Whether half of the draws are mirrored left to right.
  public let flips: Bool

  /// - Precondition: `size` at least 1, a random range in (0, 1].
  public init(size: Int, placement: Placement, flips: Bool = false) {
    precondition(size > 0, "a side has at least one pixel")
    if case .random(let range) = placement { precondition(range > 0 && range <= 1, "the range lies in (0, 1]") }
    self.size = size
    self.placement = placement
    self.flips = flips
  }

  /// The largest shorter side that a draw can ask for. Halving a picture towards it beforehand changes no result, which is
  /// what lets a cache keep small pictures.
  public var largestShorterSide: Int {
    switch placement {
    case .center, .exact: size
    case .random(let range): max(size, Int((Double(size) / range).rounded(.up)))
    }
  }

  /// Samples in an output.
  public var sampleCount: Int { size * size * 3 }

  /// Checks that a picture can be cut by this crop.
  /// - Parameter path: the picture's file, for the error.
  /// - Throws: `ImageFolderError.wrongSize` where the placement is `exact` and the picture has another size.
  public func check(_ source: RGBImage, path: String) throws(ImageFolderError) {
    guard placement == .exact, source.width != size || source.height != size else { return }
    throw .wrongSize(path: path, width: source.width, height: source.height, required: size)
  }

  /// Writes one crop.
  /// - Parameters:
  ///   - random: used up in the order side, top, left, mirroring; a centre crop without flips draws nothing.
  ///   - output: `size * size * 3` samples (row, column, channel), in [-1, 1].
  public func write(
    _ source: RGBImage, random: inout CounterRandom, into output: UnsafeMutableBufferPointer<Float>
  ) {
    var side = size
    if case .random = placement { side += random.below(largestShorterSide - size + 1) }
    let resize = source.scaled(shorterSide: side)
    var window = PixelWindow(left: 0, top: 0, width: size, height: size)
    switch placement {
    case .exact: break
    case .center:
      window.top = (resize.height - size) / 2
      window.left = (resize.width - size) / 2
    case .random:
      window.top = random.below(resize.height - size + 1)
      window.left = random.below(resize.width - size + 1)
    }
    resize.write(window, mirrored: flips && random.flip(), into: output)
  }

  /// One crop as a picture.
  public func crop(_ source: RGBImage, random: inout CounterRandom) -> Image {
    var pixels = [Float](repeating: 0, count: sampleCount)
    pixels.withUnsafeMutableBufferPointer { write(source, random: &random, into: $0) }
    return Image(width: size, height: size, pixels: pixels)
  }

  /// The centre crop of a picture, which needs no random numbers.
  public static func center(_ source: RGBImage, size: Int) -> Image {
    var unused = CounterRandom(seed: 0, epoch: 0, sample: 0)
    return SquareCrop(size: size, placement: .center).crop(source, random: &unused)
  }
}

extension RGBImage {
  /// The picture halved, then to be scaled until its shorter side is `side`.
  func scaled(shorterSide side: Int) -> BicubicResize {
    let halved = halved(towards: side)
    let scale = Double(side) / Double(halved.shorterSide)
    func scaled(_ length: Int) -> Int { max(side, Int((Double(length) * scale).rounded(.toNearestOrEven))) }
    return BicubicResize(source: halved, width: scaled(halved.width), height: scaled(halved.height))
  }
}
