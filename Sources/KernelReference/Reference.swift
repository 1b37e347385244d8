/// Plain versions of the kernels' operations on arrays, accumulating in Double: what the fast kernels are compared with.
/// They share no code and no intermediate layout with the kernels.
public enum Reference {}
