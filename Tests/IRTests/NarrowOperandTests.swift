import IR
import Ops
import Testing

/// Linear layers and embeddings with weights in fewer bits: shape rules and costs.
@Suite struct NarrowOperandTests {
  private static func bf16(_ shape: Int...) -> TensorType { TensorType(.bf16, shape) }
  private static func i8(_ shape: Int...) -> TensorType { TensorType(.i8, shape) }

  static let accepted: [(op: any Op, operands: [TensorType], bytes: Int)] = [
    (Linear(), [.f32(2, 8), bf16(5, 8)], 2 * 8 * 4 + 5 * 8 * 2 + 2 * 5 * 4),
    (Linear(), [.f32(2, 8), bf16(5, 8), .f32(5)], 2 * 8 * 4 + 5 * 8 * 2 + 5 * 4 + 2 * 5 * 4),
    (Linear(), [.f32(2, 8), i8(5, 8), .f32(5)], 2 * 8 * 4 + 5 * 8 + 5 * 4 + 2 * 5 * 4),
    (Linear(), [.f32(2, 8), i8(5, 8), .f32(5), .f32(5)], 2 * 8 * 4 + 5 * 8 + 2 * 5 * 4 + 2 * 5 * 4),
    (
      Linear(epilogue: Epilogue(addsResidual: true)), [.f32(2, 8), i8(5, 8), .f32(5), .f32(2, 5)],
      2 * 8 * 4 + 5 * 8 + 5 * 4 + 2 * 2 * 5 * 4
    ),
    (Embedding(), [bf16(9, 8), .i32(3)], 3 * 4 + 3 * 8 * 2 + 3 * 8 * 4),
    (Embedding(), [i8(9, 8), .i32(3), .f32(9)], 3 * 4 + 3 * 8 + 3 * 4 + 3 * 8 * 4),
  ]

  @Test func costsCountTheTrueWidth() throws {
    for (op, operands, bytes) in Self.accepted {
      let results = try op.resultTypes(operands)
      #expect(results.allSatisfy { $0.dtype == .f32 })
      #expect(op.cost(operands: operands, results: results).bytes == bytes, "\(op.mnemonic) \(operands)")
    }
  }

  static let refused: [(op: any Op, operands: [TensorType])] = [
    (Linear(), [.f32(2, 8), i8(5, 8)]),
    (Linear(), [.f32(2, 8), i8(5, 8), .f32(8)]),
    (Linear(), [.f32(2, 8), i8(5, 8), .i32(5)]),
    (Linear(), [.f32(2, 8), TensorType(.i32, [5, 8])]),
    (Linear(), [bf16(2, 8), bf16(5, 8)]),
    (Linear(), [.f32(2, 8), bf16(5, 8), bf16(5)]),
    (Linear(), [.f32(2, 8), .f32(5, 8), .f32(5), .f32(5)]),
    (Linear(), [.f32(2, 8), bf16(5, 7)]),
    (Linear(epilogue: Epilogue(addsResidual: true)), [.f32(2, 8), bf16(5, 8), bf16(2, 5)]),
    (Embedding(), [i8(9, 8), .i32(3)]),
    (Embedding(), [bf16(9, 8), .i32(3), .f32(9)]),
    (Embedding(), [bf16(9, 8), .f32(3)]),
    (Embedding(), [i8(9, 8), .i32(3), .f32(8)]),
  ]

  @Test func wrongOperandsAreRefused() {
    for (op, operands) in Self.refused {
      #expect(throws: OpError.self, "\(op.mnemonic) \(operands)") { try op.resultTypes(operands) }
    }
  }

  @Test func narrowedSymbolsPrintAsTheyRead() throws {
    let text = """
      parameter @w : f32[2,3] = ones
      constant @w.bf16 : bf16[2,3] = narrowed(@w, bf16)
      constant @w.i8 : i8[2,3] = narrowed(@w, i8)
      constant @w.scales : f32[2] = narrowed(@w, scales)
      program @p() -> () {
        return
      }

      """
    #expect(ProgramPrinter().print(try ProgramParser.parse(text, registry: OpTable.registry)) == text)
    #expect(throws: ParseError.self) {
      try ProgramParser.parse(
        "constant @w.f16 : bf16[2,3] = narrowed(@w, f16)\nprogram @p() -> () {\nreturn\n}", registry: OpTable.registry)
    }
  }
}
