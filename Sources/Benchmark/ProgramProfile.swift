import IR
import Runtime

/// The time of every instruction of a program, least of several runs.
public struct ProgramProfile: Sendable {
  /// One kernel call.
  public struct Call: Sendable {
    /// The kernel.
    public var kernel: String
    /// Position of its operation in the program.
    public var operation: Int
    /// Least seconds.
    public var seconds: Double
  }

  /// Operations of the same op, attributes and shapes.
  public struct Kind: Sendable {
    /// Op and operand shapes.
    public var name: String
    /// Operations.
    public var count = 0
    /// Seconds of all of them.
    public var seconds = 0.0
    /// Arithmetic and bytes of all of them.
    public var cost = Cost()
  }

  /// Calls in order.
  public private(set) var calls: [Call]
  /// The operations' names, shapes and costs, by position.
  private let operations: [(mnemonic: String, shapes: String, scope: String, cost: Cost)]

  /// A profile without measurements.
  init(_ executable: Executable) {
    let program = executable.plan.program
    calls = (0..<executable.instructionCount).map {
      Call(kernel: executable.kernelName(of: $0), operation: executable.operation(of: $0), seconds: .infinity)
    }
    operations = program.operations.map { operation in
      let types = operation.operands.prefix(2) + operation.results.prefix(1)
      let shapes = types.map { program.type(of: $0).shape.map(String.init).joined(separator: "x") }
      return (
        operation.op.mnemonic, shapes.joined(separator: " "), operation.scope, operation.cost(in: program)
      )
    }
  }

  /// Runs the program once and keeps the least time of each call: processor time with one thread, so that other programs
  /// do not count.
  mutating func measure(_ executable: Executable) {
    let clock = executable.threadCount == 1 ? { Stopwatch.thread } : { Stopwatch.wall }
    var last = clock()
    executable.profile { index in
      let now = clock()
      calls[index].seconds = min(calls[index].seconds, now - last)
      last = clock()
    }
  }

  /// Seconds of all calls.
  public var seconds: Double { calls.reduce(0) { $0 + $1.seconds } }

  /// Kinds of operations, those that take most time first.
  public var kinds: [Kind] {
    var kinds: [String: Kind] = [:]
    var seen: Set<Int> = []
    for call in calls {
      let operation = operations[call.operation]
      let name = "\(operation.mnemonic) \(operation.shapes)"
      var kind = kinds[name] ?? Kind(name: name)
      kind.seconds += call.seconds
      if seen.insert(call.operation).inserted {
        kind.count += 1
        kind.cost += operation.cost
      }
      kinds[name] = kind
    }
    return kinds.values.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
  }

  /// Seconds by kernel, those that take most time first.
  public var kernels: [(name: String, seconds: Double)] {
    Dictionary(calls.map { ($0.kernel, $0.seconds) }, uniquingKeysWith: +)
      .map { ($0.key, $0.value) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
  }

  /// The calls one after the other in the trace event format that chrome://tracing and Perfetto read.
  public func chromeTrace(program: String) -> String {
    var time = 0.0
    let events = calls.map { call in
      defer { time += call.seconds }
      let operation = operations[call.operation]
      return """
        {"name": "\(operation.mnemonic)", "cat": "\(call.kernel)", "ph": "X", "pid": 1, "tid": 1, \
        "ts": \(time * 1e6), "dur": \(call.seconds * 1e6), "args": {"kernel": "\(call.kernel)", \
        "scope": "\(operation.scope)", "shapes": "\(operation.shapes)", "flop": \(operation.cost.flops), \
        "bytes": \(operation.cost.bytes)}}
        """
    }
    return """
      {"displayTimeUnit": "ms", "otherData": {"program": "\(program)"}, "traceEvents": [
      \(events.joined(separator: ",\n"))
      ]}

      """
  }
}
