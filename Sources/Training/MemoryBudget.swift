import Foundation
import Planning

/// A plan that needs more memory than the machine has to give.
public struct MemoryShortage: Error, CustomStringConvertible {
  /// The program.
  public var program: String
  /// Bytes that it needs beyond what is in use already.
  public var needed: Int
  /// Bytes that are free.
  public var available: Int

  /// Program, need and what is there.
  public var description: String {
    "\(program) needs \(PlanPrinter.bytes(needed)) of memory, but only \(PlanPrinter.bytes(available)) are free; "
      + "take a smaller batch or a smaller model (`facet compile` shows what each program needs)"
  }
}

/// Memory that is free for this process.
enum MemoryBudget {
  /// Free bytes: what the system calls available, within the limit of the process's control group; nil where unknown.
  static var available: Int? {
    let system = number(after: "MemAvailable:", in: "/proc/meminfo").map { $0 * 1024 }
    guard let limit = firstNumber("/sys/fs/cgroup/memory.max") else { return system }
    let free = max(0, limit - (firstNumber("/sys/fs/cgroup/memory.current") ?? 0))
    return system.map { min($0, free) } ?? free
  }

  /// Throws when what a program needs does not fit.
  static func check(_ program: String, bytes needed: Int) throws {
    // Small needs are not worth a look; what is free moves more than that.
    guard needed > 64 << 20, let available, needed > available else { return }
    throw MemoryShortage(program: program, needed: needed, available: available)
  }

  private static func firstNumber(_ path: String) -> Int? {
    (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
  }

  private static func number(after key: String, in path: String) -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
  }
}
