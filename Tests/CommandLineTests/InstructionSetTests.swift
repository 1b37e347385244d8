#if arch(x86_64)
  import Foundation
  import Testing

  /// That the product starts on every x86-64-v2 processor and that every set of kernels keeps to its instructions, shown
  /// on the disassembly of what was built.
  struct InstructionSetTests {
    static let disassembler = ["/usr/bin/objdump", "/usr/local/bin/objdump"].first {
      FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What a function contains.
    private struct Function {
      var name: String
      /// Instructions with VEX or EVEX encoding, or of the extensions that came with AVX2.
      var isEncodedForAVX = false
      /// Instructions on 512-bit registers or with mask registers.
      var isWide = false
      var vectors256 = 0
      var vectors512 = 0
      var callees: Set<String> = []
    }

    /// Without `tzcnt`, which older processors take for `bsf`, as compilers know.
    private static let laterMnemonics: Set<String> = [
      "andn", "bextr", "blsi", "blsmsk", "blsr", "bzhi", "mulx", "pdep", "pext", "rorx", "sarx", "shlx", "shrx",
      "lzcnt", "movbe",
    ]

    /// Functions by address, as the disassembler writes addresses.
    private static func functions() throws -> [String: Function] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try #require(disassembler))
      process.arguments = ["-d", "--no-show-raw-insn", Facet.executable.path]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let text = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      var functions: [String: Function] = [:]
      var (address, function) = ("", Function(name: ""))
      for line in text.split(separator: UInt8(ascii: "\n")) {
        let line = String(decoding: line, as: UTF8.self)
        if line.hasSuffix(">:"), let space = line.firstIndex(of: " ") {
          functions[address] = function
          address = String(line[..<space].drop { $0 == "0" })
          function = Function(name: String(line[space...].dropFirst(2).dropLast(2)))
        } else if let tab = line.firstIndex(of: "\t") {
          note(line[line.index(after: tab)...].utf8, in: &function)
        }
      }
      functions[address] = function
      return functions
    }

    private static func note(_ instruction: Substring.UTF8View, in function: inout Function) {
      let words = instruction.split(separator: UInt8(ascii: " "), maxSplits: 1)
      guard let first = words.first else { return }
      let mnemonic = String(decoding: first, as: UTF8.self)
      // `verr` and `verw` are the only others that begin so.
      if mnemonic.hasPrefix("v") && !mnemonic.hasPrefix("ver") || laterMnemonics.contains(mnemonic) {
        function.isEncodedForAVX = true
      }
      guard words.count == 2 else { return }
      let operands = String(decoding: words[1], as: UTF8.self)
      if operands.contains("%ymm") { function.vectors256 += 1 }
      if operands.contains("%zmm") { function.vectors512 += 1 }
      if operands.contains("%zmm") || operands.contains("%k") { function.isWide = true }
      if mnemonic.hasPrefix("call") || mnemonic.hasPrefix("jmp"), operands.contains("<") {
        function.callees.insert(String(operands.drop { $0 == " " }.prefix { $0 != " " }))
      }
    }

    @Test(.enabled(if: disassembler != nil, "objdump is not there to take the product apart"))
    func everySetKeepsToItsInstructions() throws {
      let functions = try Self.functions()
      // Names are mangled with their module. What C has of bf16 is only called where the processor has it.
      func isAVX512(_ name: String) -> Bool { name.contains("KernelsAVX512") || name.hasPrefix("facet_bf16_") }
      func isAVX2(_ name: String) -> Bool { name.contains("KernelsAVX2") }
      // Functions of no module, such as those of C headers, that only kernels of a set call belong to that set.
      func callers(_ address: String) -> [Function] { functions.values.filter { $0.callees.contains(address) } }
      var counts = (baseline: 0, avx2: 0, avx512: 0)
      for (address, function) in functions {
        let name = function.name
        if name.contains("KernelsBaseline") { counts.baseline += 1 }
        if isAVX2(name) && function.vectors256 > 0 { counts.avx2 += 1 }
        if isAVX512(name) && function.vectors512 > 0 { counts.avx512 += 1 }
        guard function.isEncodedForAVX, !isAVX512(name) else { continue }
        if isAVX2(name) {
          #expect(!function.isWide, "\(name) is built for AVX2 but has wider instructions")
          continue
        }
        let users = callers(address).filter { $0.name != name }
        let belongs =
          !users.isEmpty && users.allSatisfy { isAVX512($0.name) || isAVX2($0.name) && !function.isWide }
        #expect(belongs, "\(name) may run on any processor but has instructions of newer ones")
      }
      // The patterns above find something where there is something to find.
      #expect(counts.baseline > 100 && counts.avx2 > 50 && counts.avx512 > 50, "\(counts)")
    }
  }
#endif
