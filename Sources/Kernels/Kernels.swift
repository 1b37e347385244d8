import KernelInterface

/// The kernels of one instruction set. This folder is built once per set; `Vector` is as wide as its registers.
public enum Kernels: KernelSet {}
