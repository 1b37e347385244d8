import Foundation
import Imaging
import Synchronization
import TestSupport
import Testing

private func buffers(_ count: Int, batch: Int) -> [BatchBuffer] {
  (0..<count).map { _ in
    let buffer = BatchBuffer(batch: batch, size: 4)
    buffer.pixels.update(repeating: .nan)
    buffer.labels.update(repeating: -1)
    return buffer
  }
}

/// What a buffer holds; it reads while the caller keeps the buffer.
private struct Content: Equatable {
  var pixels: [Float]
  var labels: [Int32]

  init(_ buffer: BatchBuffer) {
    pixels = Array(buffer.pixels)
    labels = Array(buffer.labels)
  }
}

private func settings(batch: Int, shuffles: Bool = true) -> BatchSettings {
  var settings = BatchSettings(batch: batch, crop: SquareCrop(size: 4, placement: .random(range: 0.5), flips: true))
  settings.shuffles = shuffles
  settings.seed = 9
  return settings
}

/// 11 pictures in 3 classes, all different.
private func pictures() throws -> (TemporaryFolder, ImageFolder) {
  let folder = try TemporaryFolder()
  for index in 0..<11 {
    let name = folder.file("class\(index % 3)/\(index).png")
    try folder.addPicture("class\(index % 3)/\(index).png")
    try PNGWriter.write(noisePicture(12 + index, 9 + index % 4), to: name)
  }
  return (folder, try ImageFolder(path: folder.path))
}

@Suite struct BatchSourceTests {
  @Test func epochsFollowEachOtherWithoutAGap() throws {
    let (folder, images) = try pictures()
    let source = BatchSource(folder: images, settings: settings(batch: 4))
    let places = (0..<11).flatMap { source.places(ofStep: $0) }
    for epoch in 0..<4 {
      #expect(places[epoch * 11..<epoch * 11 + 11].allSatisfy { $0.epoch == epoch })
      #expect(places[epoch * 11..<epoch * 11 + 11].map(\.index).sorted() == Array(0..<11))
    }
    #expect(places[..<11].map(\.index) != places[11..<22].map(\.index))
    let plain = BatchSource(folder: images, settings: settings(batch: 25, shuffles: false))
    #expect(plain.places(ofStep: 0).map(\.index) == (0..<25).map { $0 % 11 })
    withExtendedLifetime(folder) {}
  }

  @Test func aStepAlwaysGivesTheSameBatchWhateverTheCacheAndTheOrderOfCalls() throws {
    let (folder, images) = try pictures()
    let buffer = buffers(1, batch: 4)[0]
    var expected: [Int: Content] = [:]
    for cacheBytes in [0, 700, 1 << 20] {
      var settings = settings(batch: 4)
      settings.cacheBytes = cacheBytes
      let source = BatchSource(folder: images, settings: settings)
      for step in [0, 7, 3, 3, 20, 7, 0] {
        try source.fill(step: step, into: buffer)
        let content = Content(buffer)
        if let before = expected[step] { #expect(before == content) } else { expected[step] = content }
        #expect(content.labels == source.places(ofStep: step).map { images.samples[$0.index].label })
      }
    }
    #expect(expected[0] != expected[3])
    withExtendedLifetime(folder) {}
  }

  @Test func evaluationFillsGivenPictures() throws {
    let (folder, images) = try pictures()
    let buffer = buffers(1, batch: 4)[0]
    let source = BatchSource(
      folder: images, settings: BatchSettings(batch: 4, crop: SquareCrop(size: 4, placement: .center)))
    try source.fill(indices: 9..<11, into: buffer)
    let content = Content(buffer)
    for (row, index) in [9, 10].enumerated() {
      let expected = SquareCrop.center(try images.sample(index).image, size: 4)
      #expect(Array(content.pixels[row * 48..<(row + 1) * 48]) == expected.pixels)
      #expect(content.labels[row] == images.samples[index].label)
    }
    #expect(content.labels[2] == -1)
    withExtendedLifetime(folder) {}
  }

  @Test func unreadablePicturesAreReplacedByTheNextAndReportedOnce() throws {
    let (folder, images) = try pictures()
    let broken = [2, 3, 10]
    for index in broken { try folder.addFile(images.samples[index].file) }
    let reported = Mutex<[String]>([])
    let source = BatchSource(folder: images, settings: settings(batch: 11, shuffles: false)) { path, error in
      #expect((error as? PNGError) == .notPNG(path: path))
      reported.withLock { $0.append(path) }
    }
    let buffer = buffers(1, batch: 11)[0]
    try source.fill(step: 0, into: buffer)
    let content = Content(buffer)
    // 2 and 3 become 4; 10, the last, becomes 0.
    let stands = [0, 1, 4, 4, 4, 5, 6, 7, 8, 9, 0]
    #expect(content.labels == stands.map { images.samples[$0].label })
    #expect(!content.pixels.contains { $0.isNaN })
    try source.fill(step: 1, into: buffer)
    #expect(reported.withLock { $0 } == broken.map { images.file($0) })
    // A source that met the files in another order gives the same batch.
    let later = BatchSource(folder: images, settings: settings(batch: 11, shuffles: false))
    let again = buffers(1, batch: 11)[0]
    try later.fill(step: 1, into: again)
    #expect(Content(again) == Content(buffer))
  }

  @Test func theFailPolicyThrowsTheFilesError() throws {
    let (folder, images) = try pictures()
    try folder.addFile(images.samples[2].file)
    var settings = settings(batch: 3, shuffles: false)
    settings.unreadable = .fail
    let source = BatchSource(folder: images, settings: settings)
    let buffer = buffers(1, batch: 3)[0]
    #expect(throws: PNGError.notPNG(path: images.file(2))) { try source.fill(step: 0, into: buffer) }
  }

  @Test func nothingReadableIsAnErrorEvenWhenSkipping() throws {
    let (folder, images) = try pictures()
    for sample in images.samples { try folder.addFile(sample.file) }
    let source = BatchSource(folder: images, settings: settings(batch: 3))
    let buffer = buffers(1, batch: 3)[0]
    for _ in 0..<2 {
      #expect(throws: PNGError.self) { try source.fill(step: 0, into: buffer) }
    }
  }
}

@Suite struct BatchLoaderTests {
  @Test(arguments: [2, 3], [0, 5])
  func givesTheBatchesOfTheSourceInOrder(bufferCount: Int, first: Int) throws {
    let (folder, images) = try pictures()
    let source = BatchSource(folder: images, settings: settings(batch: 4))
    let reference = buffers(1, batch: 4)[0]
    let loader = BatchLoader(source: source, buffers: buffers(bufferCount, batch: 4), steps: first..<first + 40)
    for step in first..<first + 40 {
      let batch = try #require(try loader.next())
      #expect(batch.step == step)
      try source.fill(step: step, into: reference)
      #expect(Content(batch.buffer) == Content(reference))
    }
    #expect(try loader.next() == nil)
    #expect(try loader.next() == nil)
    loader.stop()
    withExtendedLifetime(folder) {}
  }

  @Test func aBatchInUseIsNotWrittenTo() throws {
    let (folder, images) = try pictures()
    let source = BatchSource(folder: images, settings: settings(batch: 4))
    let loader = BatchLoader(source: source, buffers: buffers(2, batch: 4), steps: 0..<10)
    let batch = try #require(try loader.next())
    let content = Content(batch.buffer)
    Thread.sleep(forTimeInterval: 0.05)
    #expect(Content(batch.buffer) == content)
    loader.stop()
    withExtendedLifetime(folder) {}
  }

  @Test func buffersKeepTheMemorysOwnerAlive() {
    final class Owner {
      let pixels = UnsafeMutableBufferPointer<Float>.allocate(capacity: 48)
      let labels = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 1)
      deinit {
        pixels.deallocate()
        labels.deallocate()
      }
    }
    weak var watched: Owner?
    func make() -> BatchBuffer {
      let owner = Owner()
      watched = owner
      return BatchBuffer(pixels: owner.pixels, labels: owner.labels, owner: owner)
    }
    var buffer: BatchBuffer? = make()
    withExtendedLifetime(buffer) { #expect(watched != nil) }
    buffer = nil
    #expect(watched == nil)
  }

  @Test func anErrorComesAfterTheBatchesBeforeIt() throws {
    let (folder, images) = try pictures()
    try folder.addFile(images.samples[7].file)
    var settings = settings(batch: 3, shuffles: false)
    settings.unreadable = .fail
    let source = BatchSource(folder: images, settings: settings)
    let loader = BatchLoader(source: source, buffers: buffers(3, batch: 3), steps: 0..<10)
    #expect(try loader.next()?.step == 0)
    #expect(try loader.next()?.step == 1)
    for _ in 0..<3 {
      #expect(throws: PNGError.notPNG(path: images.file(7))) { _ = try loader.next() }
    }
  }

  @Test func loadersEndWhereverTheyAre() throws {
    let (folder, images) = try pictures()
    let source = BatchSource(folder: images, settings: settings(batch: 4))
    for taken in 0..<30 {
      let loader = BatchLoader(source: source, buffers: buffers(2, batch: 4), steps: 0..<1_000_000)
      for _ in 0..<taken % 4 { #expect(try loader.next() != nil) }
      if taken % 2 == 0 { loader.stop() }
      withExtendedLifetime(loader) {}
    }
    let loader = BatchLoader(source: source, buffers: buffers(2, batch: 4), steps: 0..<0)
    #expect(try loader.next() == nil)
    withExtendedLifetime(folder) {}
  }
}
