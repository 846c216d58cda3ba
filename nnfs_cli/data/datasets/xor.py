"""The four corners of the exclusive or."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.datasets.toy import Toy, alternating


@dataset("xor")
class Xor(Toy):
    """The exclusive or of two bits: no straight line can divide it (2 classes).

    The problem by which Minsky and Papert, *Perceptrons*, 1969, showed what one layer cannot do.
    With ``noise: 0`` the four points are repeated exactly; with ``samples: 4`` besides they are
    the four rows of the truth table.
    """

    samples: int = Field(default=200, ge=2, kw_only=True, description="points for training")
    test_samples: int = Field(
        default=200, ge=0, kw_only=True, description="further points for testing"
    )

    def points(self, count: int, generator: np.random.Generator) -> tuple[Array, Array]:
        """The corners (a, b) of the unit square in turn, and a xor b."""
        corner = alternating(count, 4)
        a, b = corner // 2, corner % 2
        return np.stack([a, b], axis=1).astype(np.float64), a ^ b
