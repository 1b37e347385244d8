import Imaging
import Passes
import Spec

/// How close reconstructions come to a set of images, and how the codebooks are used over it.
public struct Evaluation: Codable, Sendable {
  /// The use of a sub-codebook.
  public struct Book: Codable, Sendable {
    /// Its name.
    public var name: String
    /// Its number of entries.
    public var size: Int
    /// Share of entries used, in [0, 1].
    public var usage: Double
    /// Perplexity of its codes.
    public var perplexity: Double
  }

  /// The use of the sub-codebooks together.
  public struct Joint: Codable, Sendable {
    /// Different combinations that occur.
    public var combinations: Int
    /// Perplexity of the combinations.
    public var perplexity: Double
    /// Bits per position that the sub-codebooks say twice.
    public var sharedBits: Double
  }

  /// What a discriminator says: mean logits, the larger the more it takes images for pictures of the data.
  public struct Discriminator: Codable, Sendable {
    /// Of the images.
    public var real: Double
    /// Of their reconstructions.
    public var reconstructed: Double
  }

  /// How the numbers came about; two evaluations compare only where this is equal.
  public struct Procedure: Codable, Sendable {
    /// Folder of images.
    public var data: String
    /// Images found there.
    public var found: Int
    /// Images compared.
    public var compared: Int
    /// How images were cut to the model's size.
    public var crop: String
    /// What was compared.
    public var comparison: String
    /// Steps of the tokenizer that was used; nil for random weights.
    public var tokenizerStep: Int?
    /// How the weights of linear layers were stored.
    public var weights: String
  }

  /// Mean peak signal-to-noise ratio in dB (peak 255 in 8 bits).
  public var psnr: Double
  /// Mean structural similarity.
  public var ssim: Double
  /// By sub-codebook, in the spec's order.
  public var books: [Book]
  /// All sub-codebooks together.
  public var joint: Joint
  /// What the discriminator says; nil where none has been trained.
  public var discriminator: Discriminator?
  /// How the numbers came about; `protocol` in JSON.
  public var procedure: Procedure

  enum CodingKeys: String, CodingKey {
    case psnr, ssim, books, joint, discriminator
    case procedure = "protocol"
  }
}

extension TrainedModel {
  /// Reconstructs a folder of images, centre-cropped, and compares.
  ///
  /// - Parameters:
  ///   - path: The folder; nil for the data of the spec.
  ///   - limit: At most this many images, spread evenly over the folder; nil for all.
  ///   - weights: How the weights of linear layers are stored meanwhile.
  ///   - onUnreadable: Told about every image that is left out.
  public func evaluate(
    _ path: String?, limit: Int? = nil, weights: WeightStorage = .f32, onUnreadable: (String) -> Void
  ) throws -> Evaluation {
    let data = try TrainingData(spec, path: path ?? spec.data?.path)
    let reconstructor = try Reconstructor(session, batch: min(8, data.folder.count), weights: weights)
    let critic = discriminatorSteps > 0 ? try ImageCritic(session, batch: reconstructor.batch) : nil
    var statistics = CodeStatistics(sizes: spec.tokenizer.codebooks.map(\.size))
    var (psnr, ssim, real, reconstructed, count) = (0.0, 0.0, 0.0, 0.0, 0)
    try data.spread(limit ?? data.folder.count).forEachBatch(of: reconstructor.batch) {
      [try data.centered($0)]
    } onUnreadable: {
      onUnreadable("\($0)")
    } body: { batch in
      let images = batch.map(\.value)
      let (pictures, codes) = try reconstructor.reconstruct(images)
      statistics.add(codes)
      for (image, picture) in zip(images, pictures) {
        let rounded = picture.rgb.image
        psnr += try ImageQuality.psnr(image, rounded)
        ssim += try ImageQuality.ssim(image, rounded)
        count += 1
      }
      guard let critic else { return }
      real += try critic.logits(images).reduce(0, +)
      reconstructed += try critic.logits(pictures).reduce(0, +)
    }
    guard count > 0 else { throw TrainingError(description: "\(data.folder.path): no picture could be read") }
    let books = spec.tokenizer.codebooks.enumerated().map { index, book in
      Evaluation.Book(
        name: book.name, size: book.size, usage: statistics.usage(index), perplexity: statistics.perplexity(index))
    }
    return Evaluation(
      psnr: psnr / Double(count), ssim: ssim / Double(count), books: books,
      joint: Evaluation.Joint(
        combinations: statistics.combinationCount, perplexity: statistics.jointPerplexity,
        sharedBits: statistics.sharedBits),
      discriminator: critic.map { _ in
        Evaluation.Discriminator(real: real / Double(count), reconstructed: reconstructed / Double(count))
      },
      procedure: Evaluation.Procedure(
        data: data.folder.path, found: data.folder.count, compared: count,
        crop: "shorter side scaled to \(spec.image.size) (box halving, then bicubic), centre cut; alpha over white",
        comparison: "8-bit reconstructions, mean over images", tokenizerStep: tokenizerStep, weights: weights.rawValue))
  }
}
