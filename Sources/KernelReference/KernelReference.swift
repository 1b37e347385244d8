// KernelReference
