import Foundation
import Storage
import TestSupport
import Testing

@Suite struct JSONLinesLogTests {
  @Test func linesAreJSONWithFieldsInOrder() throws {
    let folder = try TemporaryFolder()
    let log = try JSONLinesLog(path: folder.file("m.jsonl"), keepingUpTo: nil)
    try log.append([("step", 1), ("loss", .double(0.1)), ("note", "a \"b\"\n\u{1}\\é"), ("best", true)])
    try log.append([("step", 2), ("loss", .double(.nan)), ("peak", .double(-.infinity))])
    let text = try folder.text("m.jsonl")
    #expect(
      text == #"{"step":1,"loss":0.1,"note":"a \"b\"\n\u0001\\é","best":true}"# + "\n"
        + #"{"step":2,"loss":"nan","peak":"-inf"}"# + "\n")
    let line = Data(text.split(separator: "\n")[0].utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    #expect(object["note"] as? String == "a \"b\"\n\u{1}\\é")
  }

  @Test(arguments: [
    (0, 1), (1, 2), (2, 3), (3, 5), (9, 5),
  ])
  func resumingCutsLaterSteps(step: Int, lines: Int) throws {
    let folder = try TemporaryFolder()
    let text = #"""
      {"run":"a"}
      {"step":1}
      {"step":2,"x":1}
      {"step":3}
      {"epoch":1}

      """#
    let path = try folder.write(Array((text + #"{"step":4,"lo"#).utf8), "m.jsonl")
    let log = try JSONLinesLog(path: path, keepingUpTo: step)
    #expect(try folder.text("m.jsonl") == text.split(separator: "\n").prefix(lines).map { $0 + "\n" }.joined())
    try log.append([("step", .int(step + 1))])
    #expect(try folder.text("m.jsonl").hasSuffix("{\"step\":\(step + 1)}\n"))
  }

  @Test func aFreshLogIsEmpty() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array("{\"step\":1}\n".utf8), "m.jsonl")
    _ = try JSONLinesLog(path: path, keepingUpTo: nil)
    #expect(try folder.text("m.jsonl") == "")
  }

  @Test func anUnwritablePathIsAnError() {
    let error = #expect(throws: FileError.self) { _ = try JSONLinesLog(path: "/absent/m.jsonl", keepingUpTo: 3) }
    #expect(error?.description == "cannot open /absent/m.jsonl: No such file or directory")
  }
}
