/// Softmax of rows.
public struct SoftmaxArguments: KernelArguments, @unchecked Sendable {
  /// Operand.
  public var x: FloatInput
  /// Result.
  public var y: FloatOutput
  /// Rows.
  public var rows: Int
  /// Row length.
  public var width: Int

  /// Arguments for one call.
  public init(x: FloatInput, y: FloatOutput, rows: Int, width: Int) {
    self.x = x
    self.y = y
    self.rows = rows
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}

/// dx = y * (dy - sum(y * dy)) by row.
public struct SoftmaxGradientArguments: KernelArguments, @unchecked Sendable {
  /// Result of the forward pass.
  public var y: FloatInput
  /// Its gradient.
  public var dy: FloatInput
  /// Result.
  public var dx: FloatOutput
  /// Rows.
  public var rows: Int
  /// Row length.
  public var width: Int

  /// Arguments for one call.
  public init(y: FloatInput, dy: FloatInput, dx: FloatOutput, rows: Int, width: Int) {
    self.y = y
    self.dy = dy
    self.dx = dx
    self.rows = rows
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}

/// Loss and log-sum-exp of each row.
public struct CrossEntropyArguments: KernelArguments, @unchecked Sendable {
  /// Logits [N, K].
  public var logits: FloatInput
  /// Targets [N]; clamped to the row.
  public var targets: IndexInput
  /// Loss of each row [N].
  public var losses: FloatOutput
  /// Log-sum-exp of each row [N].
  public var lse: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Row length K.
  public var width: Int

  /// Arguments for one call.
  public init(logits: FloatInput, targets: IndexInput, losses: FloatOutput, lse: FloatOutput, rows: Int, width: Int) {
    self.logits = logits
    self.targets = targets
    self.losses = losses
    self.lse = lse
    self.rows = rows
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}

/// dx = (softmax(x) - onehot) * gradient / N by row.
public struct CrossEntropyGradientArguments: KernelArguments, @unchecked Sendable {
  /// Logits [N, K].
  public var logits: FloatInput
  /// Targets [N].
  public var targets: IndexInput
  /// Log-sum-exp of each row.
  public var lse: FloatInput
  /// Gradient of the mean loss, one element.
  public var gradient: FloatInput
  /// Result.
  public var dx: FloatOutput
  /// Rows N.
  public var rows: Int
  /// Row length K.
  public var width: Int

  /// Arguments for one call.
  public init(
    logits: FloatInput, targets: IndexInput, lse: FloatInput, gradient: FloatInput, dx: FloatOutput, rows: Int,
    width: Int
  ) {
    self.logits = logits
    self.targets = targets
    self.lse = lse
    self.gradient = gradient
    self.dx = dx
    self.rows = rows
    self.width = width
  }

  /// Independent parts of the work.
  public var unitCount: Int { Partition.ceil(rows, Partition.rows(width: width)) }
}
