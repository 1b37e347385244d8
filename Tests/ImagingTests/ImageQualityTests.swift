import Imaging
import Testing

@Suite struct ImageQualityTests {
  private func smooth(_ width: Int, _ height: Int) -> [Double] {
    var samples: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<3 { samples.append(Double((x * 7 + y * 13 + c * 40 + (x * y) % 31 + 17) % 256) / 255) }
      }
    }
    return samples
  }

  /// Against scikit-image 0.26 (data_range 1, gaussian_weights, sigma 1.5, use_sample_covariance off, channels averaged),
  /// for a smooth picture blended with noise.
  @Test(arguments: [
    (11, 11, 0.05, 34.215858, 0.99086137), (11, 11, 0.5, 14.215858, 0.43584177),
    (24, 17, 0.05, 33.637492, 0.99369718), (24, 17, 0.5, 13.637492, 0.52428007),
    (40, 33, 0.05, 33.741751, 0.99123177), (40, 33, 0.5, 13.741751, 0.42398522),
  ])
  func agreesWithScikitImage(width: Int, height: Int, blend: Double, psnr: Double, ssim: Double) throws {
    let original = smooth(width, height)
    let noise = noisePicture(width, height).bytes.map { Double($0) / 255 }
    let blended = zip(original, noise).map { $0 * (1 - blend) + $1 * blend }
    let a = Image(width: width, height: height, pixels: original.map { Float($0 * 2 - 1) })
    let b = Image(width: width, height: height, pixels: blended.map { Float($0 * 2 - 1) })
    // Inputs are rounded to f32.
    #expect(abs(try ImageQuality.psnr(a, b) - psnr) < 2e-5)
    #expect(abs(try ImageQuality.ssim(a, b) - ssim) < 1e-6)
    #expect(try ImageQuality.psnr(a, a) == .infinity)
    #expect(abs(try ImageQuality.ssim(b, b) - 1) < 1e-12)
  }

  @Test func psnrByHand() throws {
    // A difference of 0.1 on [0, 1] everywhere: mean squared error 0.01, 20 dB.
    let a = Image(width: 4, height: 4, red: 0, green: 0, blue: 0)
    let b = Image(width: 4, height: 4, red: 0.2, green: -0.2, blue: 0.2)
    #expect(abs(try ImageQuality.psnr(a, b) - 20) < 1e-5)
  }

  @Test func overshootIsClampedAndNaNShows() throws {
    let white = Image(width: 12, height: 12, red: 1, green: 1, blue: 1)
    let over = Image(width: 12, height: 12, red: 1.5, green: 9, blue: 1)
    #expect(try ImageQuality.psnr(white, over) == .infinity)
    var broken = white
    broken.pixels[40] = .nan
    #expect(try ImageQuality.psnr(white, broken).isNaN)
    #expect(try ImageQuality.ssim(white, broken).isNaN)
  }

  @Test func picturesThatCannotBeComparedAreErrors() {
    let a = Image(width: 10, height: 20, red: 0, green: 0, blue: 0)
    let b = Image(width: 20, height: 10, red: 0, green: 0, blue: 0)
    #expect(throws: ImageQualityError.sizesDiffer(600, 600)) { _ = try ImageQuality.psnr(a, b) }
    #expect(throws: ImageQualityError.tooSmall(width: 10, height: 20)) { _ = try ImageQuality.ssim(a, a) }
    let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
    #expect(throws: ImageQualityError.sizesDiffer(0, 0)) { _ = try ImageQuality.psnr(none, none) }
  }
}

@Suite struct ImageSheetTests {
  private func dot(_ value: Float, _ width: Int = 1, _ height: Int = 1) -> Image {
    Image(width: width, height: height, red: value, green: value, blue: value)
  }

  @Test func picturesLieInReadingOrder() throws {
    var sheet = ImageSheet()
    sheet.margin = 1
    let image = try #require(sheet.compose([dot(-1), dot(0), dot(-0.5)], columns: 2))
    #expect(image.width == 5 && image.height == 5)
    let red = stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }
    #expect(
      red == [
        1, 1, 1, 1, 1,
        1, -1, 1, 0, 1,
        1, 1, 1, 1, 1,
        1, -0.5, 1, 1, 1,
        1, 1, 1, 1, 1,
      ])
  }

  @Test func groupsStandApartAndCellsFitTheLargest() throws {
    var sheet = ImageSheet()
    sheet.margin = 1
    sheet.groupMargin = 3
    sheet.background = (0.5, 0.25, 0)
    let image = try #require(sheet.compose(groups: [[[dot(-1)]], [], [[dot(1), dot(0, 2, 1)]]]))
    #expect(image.width == 7 && image.height == 7)
    let red = stride(from: 0, to: image.pixels.count, by: 3).map { image.pixels[$0] }
    let b: Float = 0.5
    #expect(Array(red[7..<14]) == [b, -1, b, b, b, b, b])
    #expect(Array(red[35..<42]) == [b, 1, b, b, 0, 0, b])
    #expect(red.count { $0 == b } == 49 - 4)
    #expect(image.pixels[1] == 0.25 && image.pixels[2] == 0)
  }

  @Test func noPictureGivesNoSheet() {
    #expect(ImageSheet().compose([], columns: 3) == nil)
    #expect(ImageSheet().compose(groups: [[], [[]]]) == nil)
  }
}
