import Imaging
import Testing

@Suite struct ResizeTests {
  /// Green channel of Pillow 13's BICUBIC in mode F (unrounded), clipped to 0...255.
  @Test(arguments: [
    (
      [13, 9, 5, 4],
      [
        105.3019, 157.5688, 133.8848, 144.7889, 125.6521, 131.7317, 140.4982, 119.1436, 117.0551, 109.4230, 124.3717,
        121.5266, 151.5522, 153.0164, 114.2656, 158.2446, 130.5906, 102.1870, 161.3619, 145.0686,
      ] as [Float]
    ),
    (
      [5, 4, 7, 6],
      [
        0.0000, 155.6380, 255.0000, 247.1184, 233.5188, 218.4274, 207.9304, 16.6459, 98.0422, 164.2564, 151.3529,
        148.3277, 144.9707, 142.6356, 42.9132, 44.3275, 51.8285, 66.6852, 82.6216, 98.7279, 109.0980, 57.6855, 77.8162,
        107.4368, 136.5370, 176.2193, 212.3626, 233.3389, 75.0223, 109.8856, 163.9597, 205.1765, 147.6109, 155.9277,
        199.8013, 86.0987, 129.1240, 198.9358, 246.7237, 95.6471, 73.3421, 134.5065,
      ]
    ),
    (
      [9, 5, 9, 3],
      [
        22.8462, 166.4769, 160.4462, 162.2923, 156.2615, 150.2308, 152.0769, 146.0462, 140.0154, 64.0000, 99.4744,
        154.0000, 135.8930, 190.4186, 86.5814, 68.4744, 123.0000, 168.0000, 105.1538, 201.1846, 147.5538, 129.3692,
        75.7385, 171.7692, 153.5846, 99.9538, 195.9846,
      ]
    ),
  ])
  func bicubicAgreesWithPillow(sizes: [Int], expected: [Float]) {
    let resized = noisePicture(sizes[0], sizes[1]).resized(width: sizes[2], height: sizes[3])
    // 1e-4 of rounding in the printed values, and f32 sums of at most 17 products of up to 255.
    for (value, wanted) in zip(resized.channel(1), expected) { #expect(abs(value - wanted) < 5e-4) }
    #expect(resized.channel(1).count == expected.count)
  }

  @Test func sameSizeIsTheSamePicture() {
    let picture = noisePicture(17, 9)
    #expect(picture.resized(width: 17, height: 9).rgb == picture)
  }

  @Test func flatPicturesStayFlat() {
    let flat = RGBImage(width: 31, height: 20, bytes: (0..<620).flatMap { _ in [10, 200, 255] as [UInt8] })
    for (width, height) in [(7, 5), (64, 41), (31, 3)] {
      let expected = (0..<width * height).flatMap { _ in [10, 200, 255] as [UInt8] }
      #expect(flat.resized(width: width, height: height).rgb.bytes == expected)
    }
  }

  /// Blue channel of Pillow 13's BOX resize to half (8-bit, rounded after each axis: hence the 1 of tolerance).
  @Test(arguments: [
    (
      [12, 8],
      [
        87, 148, 145, 142, 139, 136, 104, 161, 154, 83, 140, 133, 121, 110, 99, 152, 141, 130, 138, 123, 172, 93, 206,
        127,
      ]
    ),
    (
      [11, 9],
      [87, 148, 144, 141, 138, 124, 148, 125, 144, 126, 98, 149, 148, 148, 135, 179, 98, 124, 87, 198]
    ),
    (
      [15, 7],
      [87, 148, 145, 141, 138, 135, 132, 124, 148, 130, 134, 126, 107, 131, 98, 149, 136, 156, 135, 122, 109]
    ), ([5, 4], [108, 147, 134, 158]),
  ])
  func halvingAgreesWithPillow(sizes: [Int], expected: [Int]) {
    let halved = noisePicture(sizes[0], sizes[1]).halved(towards: min(sizes[0], sizes[1]) / 2)
    #expect(halved.width == sizes[0] / 2 && halved.height == sizes[1] / 2)
    for (index, wanted) in expected.enumerated() { #expect(abs(Int(halved.bytes[index * 3 + 2]) - wanted) <= 1) }
  }

  @Test func halvingUsesEveryPixelOnce() {
    // 13 to 6 puts a box's edge in the middle of a pixel, where Pillow's rounding leaves that pixel out.
    for x in 0..<13 {
      var bytes = [UInt8](repeating: 0, count: 13 * 3)
      bytes[x * 3] = 240
      let picture = RGBImage(width: 13, height: 3, bytes: bytes + [UInt8](repeating: 0, count: 13 * 6))
      let halved = picture.halved(towards: 1)
      #expect((0..<6).filter { halved.bytes[$0 * 3] > 0 }.count == 1)
    }
  }

  @Test(arguments: [
    (64, 64, 33, 64, 64), (64, 64, 32, 32, 32), (1000, 100, 12, 125, 12), (7, 1, 1, 7, 1), (9, 2, 1, 4, 1),
  ])
  func halvingStopsAboveTheSide(width: Int, height: Int, side: Int, newWidth: Int, newHeight: Int) {
    let halved = noisePicture(width, height).halved(towards: side)
    #expect(halved.width == newWidth && halved.height == newHeight)
  }
}

@Suite struct CropTests {
  @Test func theCentreIsThatOfTheScaledPicture() {
    // 40 x 23 -> shorter side 16: 28 x 16, window 6 from the left.
    let picture = noisePicture(40, 23)
    let whole = picture.resized(width: 28, height: 16)
    #expect(SquareCrop.center(picture, size: 16) == whole.window(left: 6, top: 0, width: 16, height: 16))
  }

  @Test func largePicturesAreHalvedFirst() {
    let picture = noisePicture(100, 67)
    #expect(SquareCrop.center(picture, size: 16) == SquareCrop.center(picture.halved(towards: 16), size: 16))
    #expect(picture.halved(towards: 16).width == 25)
  }

  @Test func randomCropsAreWindowsOfScaledPictures() {
    let picture = noisePicture(30, 21)
    let crop = SquareCrop(size: 16, placement: .random(range: 0.8), flips: true)
    #expect(crop.largestShorterSide == 20)
    let scaled = (16...20).map { side in
      picture.resized(width: Int((30 * Double(side) / 21).rounded(.toNearestOrEven)), height: side)
    }
    var seen: [String: Int] = [:]
    for sample in 0..<300 {
      var random = CounterRandom(seed: 1, epoch: 0, sample: sample)
      let image = crop.crop(picture, random: &random)
      var found: String?
      for whole in scaled {
        for top in 0...(whole.height - 16) {
          for left in 0...(whole.width - 16) {
            let window = whole.window(left: left, top: top, width: 16, height: 16)
            if window == image { found = "\(whole.height) \(top) \(left) plain" }
            if window.mirrored == image { found = "\(whole.height) \(top) \(left) mirrored" }
          }
        }
      }
      seen[found ?? "none", default: 0] += 1
    }
    #expect(seen["none"] == nil)
    // All sides occur, and about half of the crops are mirrored.
    for side in 16...20 { #expect(seen.keys.contains { $0.hasPrefix("\(side) ") }) }
    let mirrored = seen.filter { $0.key.hasSuffix("mirrored") }.map(\.value).reduce(0, +)
    #expect((120...180).contains(mirrored))
  }

  @Test func halvingBeforehandChangesNoCrop() {
    let picture = noisePicture(211, 97)
    let crop = SquareCrop(size: 16, placement: .random(range: 0.7), flips: true)
    let kept = picture.halved(towards: crop.largestShorterSide)
    #expect(kept.width < picture.width)
    for sample in 0..<40 {
      var first = CounterRandom(seed: 3, epoch: 2, sample: sample)
      var second = first
      #expect(crop.crop(picture, random: &first) == crop.crop(kept, random: &second))
    }
  }

  @Test func extremeShapesWork() {
    let crop = SquareCrop(size: 8, placement: .random(range: 0.8), flips: true)
    for (width, height) in [(1, 1), (1, 500), (500, 1), (3, 2), (8, 8), (4001, 9)] {
      for sample in 0..<10 {
        var random = CounterRandom(seed: 0, epoch: 0, sample: sample)
        let image = crop.crop(noisePicture(width, height), random: &random)
        #expect(image.pixels.allSatisfy { $0 >= -1 && $0 <= 1 })
      }
    }
  }

  @Test func tenViewsAreTheCentreAndCornersPlainAndMirrored() {
    let picture = noisePicture(50, 37)
    let crop = TenCrop(size: 20)
    #expect(crop.squareSide == 22)
    let square = SquareCrop.center(picture, size: 22)
    let views = crop.views(picture)
    let corners = [(1, 1), (0, 0), (2, 0), (0, 2), (2, 2)]
    #expect(views.count == 10)
    for (index, (left, top)) in corners.enumerated() {
      #expect(views[index] == square.window(left: left, top: top, width: 20, height: 20))
      #expect(views[index + 5] == views[index].mirrored)
    }
    #expect(TenCrop(size: 256).squareSide == 281)
    #expect(TenCrop(size: 70).squareSide == 77)
    #expect(Set(TenCrop(size: 16, range: 1).views(picture).prefix(5).map(\.pixels)).count == 1)
  }
}

@Suite struct CounterRandomTests {
  @Test func sequencesDependOnAllThreeWordsAndOnNothingElse() {
    var seen: Set<UInt64> = []
    for seed in 0..<10 {
      for epoch in -1..<10 {
        for sample in -1..<10 {
          var a = CounterRandom(seed: UInt64(seed), epoch: epoch, sample: sample)
          var b = CounterRandom(seed: UInt64(seed), epoch: epoch, sample: sample)
          let first = a.bits()
          #expect(first == b.bits())
          seen.insert(first)
        }
      }
    }
    #expect(seen.count == 10 * 11 * 11)
  }

  @Test func drawsAreEven() {
    var counts = [Int](repeating: 0, count: 7)
    for sample in 0..<70_000 {
      var random = CounterRandom(seed: 5, epoch: 1, sample: sample)
      counts[random.below(7)] += 1
    }
    // Six standard deviations of a count of 10,000.
    for count in counts { #expect(abs(count - 10_000) < 560) }
    var random = CounterRandom(seed: 0, epoch: 0, sample: 0)
    #expect((0..<100).allSatisfy { _ in random.below(1) == 0 })
  }

  @Test func ordersArePermutationsThatDifferByEpochAndSeed() {
    for count in [1, 2, 641] {
      #expect(epochOrder(count: count, seed: 3, epoch: 4).sorted() == (0..<Int32(count)).map { $0 })
    }
    #expect(epochOrder(count: 641, seed: 3, epoch: 4) == epochOrder(count: 641, seed: 3, epoch: 4))
    #expect(epochOrder(count: 641, seed: 3, epoch: 4) != epochOrder(count: 641, seed: 3, epoch: 5))
    #expect(epochOrder(count: 641, seed: 3, epoch: 4) != epochOrder(count: 641, seed: 4, epoch: 4))
  }

  @Test func orderIsPinned() {
    // A change here would change what a resumed run sees.
    #expect(epochOrder(count: 8, seed: 1, epoch: 0) == [4, 5, 1, 6, 0, 3, 2, 7])
    var random = CounterRandom(seed: 1, epoch: 2, sample: 3)
    #expect(random.bits() == 1_321_962_074_176_129_191)
  }
}
