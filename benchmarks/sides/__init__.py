"""The sides: a module each, whose ``build(work)`` returns a function that does one step.

It raises NotImplementedError, saying why, for a work that the side cannot do.
"""

TITLES = {
    "nnfs": "nnfs",
    "nnfs_alone": "nnfs, one worker",
    "pytorch": "PyTorch",
    "pytorch_alone": "PyTorch, one thread",
    "jax_jit": "JAX",
    "scikit_learn": "scikit-learn",
    "onnx_runtime": "onnxruntime",
    "floor": "floor",
}
ONE_BLAS_THREAD = {"nnfs", "nnfs_alone", "floor"}
