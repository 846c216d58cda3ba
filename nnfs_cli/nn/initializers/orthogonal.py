"""Orthogonal initialization: a layer that rotates, neither stretching nor shrinking."""

from __future__ import annotations

import math

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import initializer
from nnfs_cli.compute.arrays import Array, Shape
from nnfs_cli.nn.initializer import Initializer


@initializer("orthogonal")
class Orthogonal(Initializer):
    """A random matrix with orthonormal columns (or rows, where there are fewer), times ``gain``.

    Drawn evenly from all of them: Q of the QR decomposition of a normal matrix, with the signs of
    R's diagonal. A kernel's axes but the last count as the rows.
    Saxe, McClelland and Ganguli, "Exact Solutions to the Nonlinear Dynamics of Learning in Deep
    Linear Neural Networks", 2013, arXiv:1312.6120.
    """

    gain: float = Field(default=1.0, ge=0.0, le=1e6, description="factor on the matrix")

    def sample(self, generator: np.random.Generator, shape: Shape) -> Array:
        """Q, its columns' signs made random by R's."""
        columns = shape[-1] if shape else 1
        rows = math.prod(shape) // columns
        normal = generator.standard_normal((max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(normal)
        q *= np.where(np.diagonal(r) < 0.0, -1.0, 1.0)
        matrix: Array = q if rows >= columns else q.T
        return self.gain * matrix.reshape(shape)
