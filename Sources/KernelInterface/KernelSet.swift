/// Everything that a kernel module implements.
public typealias KernelSet = MatrixKernels & TensorKernels & ProbeKernels
