"""Your own IDX files: the format of MNIST, EMNIST and others like them."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.array_targets import Pair
from nnfs_cli.data.dataset import Dataset, Loaded
from nnfs_cli.data.datasets.npz import from_arrays
from nnfs_cli.data.faults import inside
from nnfs_cli.data.source import Source
from nnfs_cli.data.sources.idx import read_any_idx
from nnfs_cli.errors import DataError


@dataset("idx")
class Idx(Dataset):
    """Your own IDX files of bytes, plain or .gz: images and labels, and perhaps those of a test.

    Published relatives of MNIST come so. EMNIST stores its images with rows and columns swapped.
    """

    inputs: str = Field(description="the file of the inputs, such as train-images-idx3-ubyte.gz")
    targets: str = Field(description="the file of the labels, such as train-labels-idx1-ubyte.gz")
    test_inputs: str | None = Field(
        default=None, kw_only=True, description="the file of the test inputs"
    )
    test_targets: str | None = Field(
        default=None, kw_only=True, description="the file of the test labels"
    )
    test: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.2,
        kw_only=True,
        description="fraction to split off for testing, if there are no files for it",
    )
    transpose: bool = Field(
        default=False,
        kw_only=True,
        description="swap rows and columns of the images, which sets EMNIST's upright",
    )

    @model_validator(mode="after")
    def _test_has_both(self) -> Idx:
        if (self.test_inputs is None) != (self.test_targets is None):
            raise ValueError("test_inputs and test_targets go together")
        return self

    def load(self, source: Source) -> Loaded:
        """Images as uint8 (N, H, W, 1); a class is the number of its label."""
        path = source.locate(self.inputs)
        train = self._pair(source, self.inputs, self.targets)
        test = None
        if self.test_inputs is not None and self.test_targets is not None:
            test = self._pair(source, self.test_inputs, self.test_targets)
        with inside(path):
            loaded = from_arrays(
                train, test, self.test, "classification", "last", name=path.name, source=source
            )
        turned = "emnist" in path.name.lower() and not self.transpose
        notice = (
            "EMNIST stores its images with rows and columns swapped: data.transpose=true sets them "
            "upright, as images to be predicted are"
        )
        return replace(
            loaded,
            notice="; ".join(filter(None, [loaded.notice, notice if turned else ""])),
            layout={"transpose": True} if self.transpose else None,
        )

    def _pair(self, source: Source, inputs: str, targets: str) -> Pair:
        images, labels = (read_any_idx(source.locate(path)) for path in (inputs, targets))
        return (transposed(images) if self.transpose else images), labels


def transposed(images: Array) -> Array:
    """Images (N, H, W) with rows and columns swapped. Raises DataError for other arrays."""
    if images.ndim != 3:
        raise DataError(f"inputs of shape {images.shape} are no images", "leave out transpose")
    return np.ascontiguousarray(images.swapaxes(1, 2))
