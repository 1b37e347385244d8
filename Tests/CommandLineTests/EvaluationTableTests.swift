import Foundation
import Testing
import Training

@testable import FacetCLI

/// What people read of an evaluation.
struct EvaluationTableTests {
  private func evaluation(_ discriminator: String) throws -> Evaluation {
    let text = """
      { "psnr": 21.5, "ssim": 0.75, \(discriminator)
        "books": [{ "name": "visual", "size": 16, "usage": 0.5, "perplexity": 6 }],
        "joint": { "combinations": 8, "perplexity": 6, "sharedBits": 0 },
        "protocol": { "data": "images", "found": 9, "compared": 8, "crop": "cut", "comparison": "8-bit",
          "tokenizerStep": 70, "weights": "f32" } }
      """
    return try JSONDecoder().decode(Evaluation.self, from: Data(text.utf8))
  }

  @Test func numbersComeWithTheirProtocol() throws {
    #expect(
      EvaluationTable(try evaluation("")).text == """
        PSNR  21.50 dB
        SSIM  0.7500

        codebook  entries    used  perplexity
        visual         16  50.0 %      6.0000

        8 of 9 pictures in images, tokenizer after step 70
        cut; 8-bit
        """)
  }

  @Test func aDiscriminatorHasItsLine() throws {
    let lines = EvaluationTable(try evaluation(#""discriminator": { "real": 0.5, "reconstructed": -1.25 },"#)).text
      .split(separator: "\n", omittingEmptySubsequences: false)
    let line = "discriminator: mean logit 0.5000 of the pictures, -1.2500 of their reconstructions"
    #expect(lines.count == 9 && lines[5] == line, "\(lines)")
  }
}
