import Foundation
import IR
import Models
import Runtime
import Spec
import Storage
import Testing

@testable import Training

/// The perceptual loss with the published weights, where they are at hand: `FACET_LPIPS` names a folder with
/// `vgg16-lpips.safetensors` and with `lpips-cases.safetensors`, pairs of images `a` and `b` [4, 3, 32, 32] and the
/// `distance` [4] that another implementation finds. Without it there is nothing to compare, and the test says so.
@Suite struct RealWeightsTests {
  static let folder = ProcessInfo.processInfo.environment["FACET_LPIPS"]

  @Test(.enabled(if: folder != nil, "set FACET_LPIPS to a folder with the published weights"))
  func distancesOfPairs() throws {
    let folder = try #require(Self.folder)
    let cases = try SafetensorsFile(path: "\(folder)/lpips-cases.safetensors")
    let builder = ProgramBuilder(name: "perceptual")
    let context = GraphContext(builder: builder)
    let (a, b) = (builder.input("a", .f32(1, 32, 32, 3)), builder.input("b", .f32(1, 32, 32, 3)))
    builder.output("distance", PerceptualLoss.loss(context, a, b))
    let session = try ModelSession(
      FrozenNetworkTests.spec(image: 32, TeacherSpec(name: "t", kind: .dinov2, weights: "", width: 8)))
    let program = try session.compile(builder.program)
    try FrozenWeights.loadPerceptual(session.store, path: "\(folder)/vgg16-lpips.safetensors")
    let (first, second) = (try channelsLast(cases, "a"), try channelsLast(cases, "b"))
    let count = 32 * 32 * 3
    var distances: [Float] = []
    for pair in 0..<4 {
      _ = try program.input("a").update(from: first[pair * count..<(pair + 1) * count])
      _ = try program.input("b").update(from: second[pair * count..<(pair + 1) * count])
      program.run()
      distances.append(try program.output("distance")[0])
    }
    #expect(relativeError(distances, try cases.floats("distance")) < 1e-4, "\(distances)")
  }
}
