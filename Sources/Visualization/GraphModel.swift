import IR
import Ops

/// A program seen as a graph of model parts: operations grouped by the leading components of their scope.
///
/// A number belongs to the component before it, so `encoder.level.0.block.1.norm1` has the components `encoder`,
/// `level.0`, `block.1`, `norm1`.
public struct GraphModel: Sendable {
  /// What a node stands for.
  public enum Kind: String, Sendable {
    /// A program input.
    case input
    /// A part of the model.
    case part
    /// A program output.
    case output
  }

  /// An input, a part of the model, or an output.
  public struct Node: Sendable {
    /// What it stands for.
    public var kind: Kind
    /// Scope path, or the name of the input or output.
    public var name: String
    /// Number of operations.
    public var operations = 0
    /// Arithmetic of one run.
    public var flops = 0
    /// Number of parameter elements first used here.
    public var parameters = 0
    /// Types, for inputs and outputs.
    public var type: TensorType?
  }

  /// Values that flow from one node to another.
  public struct Edge: Sendable {
    /// Index of the node that defines them.
    public var from: Int
    /// Index of the node that reads them.
    public var to: Int
    /// Their distinct types in order of first use.
    public var types: [TensorType]

    /// The types as a label, shortened after three.
    public var label: String {
      let shown = types.prefix(3).map(\.description).joined(separator: ", ")
      return types.count > 3 ? shown + ", … (\(types.count))" : shown
    }
  }

  /// The program's name.
  public var title: String
  /// Nodes in order of execution.
  public var nodes: [Node] = []
  /// Edges in order of first use.
  public var edges: [Edge] = []

  /// The graph of a program with scopes cut after `depth` components; 0 means no cut.
  public init(_ program: Program, depth: Int) {
    title = program.name
    var nodeOfScope: [String: Int] = [:]
    var definer = [Int?](repeating: nil, count: program.values.count)
    var edgeIndex: [SIMD2<Int>: Int] = [:]
    var seenParameters = Set<String>()

    for port in program.inputs {
      definer[port.value.index] = nodes.count
      nodes.append(Node(kind: .input, name: port.name, type: program.type(of: port.value)))
    }
    for operation in program.operations {
      let scope = Self.cut(operation.scope, depth)
      let node = nodeOfScope[scope] ?? nodes.count
      if node == nodes.count {
        nodeOfScope[scope] = node
        nodes.append(Node(kind: .part, name: scope))
      }
      nodes[node].operations += 1
      nodes[node].flops += operation.cost(in: program).flops
      for operand in operation.operands {
        if let source = definer[operand.index] {
          addEdge(from: source, to: node, program.type(of: operand), &edgeIndex)
        } else if let symbol = program.symbol(of: operand), symbol.role == .parameter,
          seenParameters.insert(symbol.name).inserted
        {
          nodes[node].parameters += symbol.type.count
        }
      }
      for result in operation.results { definer[result.index] = node }
    }
    for port in program.outputs {
      let node = nodes.count
      nodes.append(Node(kind: .output, name: port.name, type: program.type(of: port.value)))
      if let source = definer[port.value.index] {
        addEdge(from: source, to: node, program.type(of: port.value), &edgeIndex)
      }
    }
  }

  private mutating func addEdge(from: Int, to: Int, _ type: TensorType, _ index: inout [SIMD2<Int>: Int]) {
    guard from != to else { return }
    let key = SIMD2(from, to)
    if let known = index[key] {
      if !edges[known].types.contains(type) { edges[known].types.append(type) }
    } else {
      index[key] = edges.count
      edges.append(Edge(from: from, to: to, types: [type]))
    }
  }

  /// The leading components of a scope.
  static func cut(_ scope: String, _ depth: Int) -> String {
    if scope.isEmpty { return "(top)" }
    guard depth > 0 else { return scope }
    let backward = scope.hasSuffix("+gradient")
    var components: [String] = []
    for word in scope.dropLast(backward ? 9 : 0).split(separator: ".") {
      if Int(word) != nil, let last = components.popLast() {
        components.append(last + "." + word)
      } else {
        components.append(String(word))
      }
    }
    return components.prefix(depth).joined(separator: ".") + (backward ? "+gradient" : "")
  }
}

extension GraphModel.Node {
  /// Lines of text inside the node.
  public var lines: [String] {
    switch kind {
    case .input, .output: return [name, type?.description ?? ""]
    case .part:
      var facts = ["\(operations) ops"]
      if parameters > 0 { facts.append("\(Quantity.short(parameters)) parameters") }
      if flops > 0 { facts.append("\(Quantity.short(flops))FLOP") }
      return [name, facts.joined(separator: " · ")]
    }
  }
}
