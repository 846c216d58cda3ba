"""From a data set's description to what training uses: divided, measured, hashed."""

from __future__ import annotations

from dataclasses import dataclass

from nnfs_cli.data.dataset import Dataset, Samples
from nnfs_cli.data.preprocessing import Preprocessing
from nnfs_cli.data.source import Source


@dataclass(frozen=True, eq=False)
class Data:
    """The samples of a training, not yet scaled, with what scales them."""

    name: str
    train: Samples
    validation: Samples | None
    test: Samples | None
    preprocessing: Preprocessing
    hash: str
    """SHA-256 over the arrays used: equal hashes, equal data."""

    @property
    def classes(self) -> int | None:
        """How many classes there are; None for a regression."""
        return len(self.preprocessing.labels) or None


def prepare(dataset: Dataset, source: Source) -> Data:
    """Load, limit, divide (stratified for classes), and fit the scaling to the training part."""
    raise NotImplementedError
