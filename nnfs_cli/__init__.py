"""Train neural networks written from scratch in NumPy, from a YAML file."""

__version__ = "0.1.0"
