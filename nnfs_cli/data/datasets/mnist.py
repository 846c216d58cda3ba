"""MNIST and the two sets made to replace it: 70,000 grey images of 28 x 28 pixels, ten classes.

- MNIST: handwritten digits. LeCun, Cortes, Burges, 1998; CC BY-SA 3.0.
- Fashion-MNIST: clothes from a shop's catalogue. Xiao, Rasul, Vollgraf, 2017,
  https://arxiv.org/abs/1708.07747; MIT licence.
- Kuzushiji-MNIST: cursive Japanese characters. Clanuwat et al., 2018,
  https://arxiv.org/abs/1812.01718; CC BY-SA 4.0.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset, family
from nnfs_cli.compute.threads import together
from nnfs_cli.data.dataset import Dataset, Loaded, Samples
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.published import Published
from nnfs_cli.data.source import Source
from nnfs_cli.data.sources.archive import Archive
from nnfs_cli.data.sources.idx import read_idx
from nnfs_cli.errors import DataError

FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
SIDE = 28


@family("dataset", noun="idx data set")
class IdxDataset(Published):
    """Four idx files: images and labels, for training and for testing."""

    sizes: ClassVar[tuple[int, int]] = (60_000, 10_000)
    kind: ClassVar[Literal["digit", "image"]] = "image"

    def load(self, source: Source) -> Loaded:
        """Images as uint8 (N, 28, 28, 1) from 0 to 255; labels as class numbers (N,)."""
        paths = self.archive.fetch(source)
        images, labels = ([paths[name] for name in FILES[first::2]] for first in (0, 1))
        train, test = together(  # zlib inflates without the interpreter's lock
            lambda: self._read(images[0], labels[0]), lambda: self._read(images[1], labels[1])
        )
        return Loaded(train, test, self.labels, self.kind, white=255)

    def _read(self, images: Path, labels: Path) -> Samples:
        inputs, targets = read_idx(images, axes=3), read_idx(labels, axes=1)
        if inputs.shape[1:] != (SIDE, SIDE):
            raise DataError(
                f"{images} has images of {inputs.shape[1]} x {inputs.shape[2]} pixels",
                f"those of {self.word} have {SIDE} x {SIDE}",
            )
        if len(inputs) != len(targets):
            raise DataError(
                f"{images} has {len(inputs):,} images, but {labels.name} {len(targets):,} labels",
                "download both again",
            )
        if len(targets) and targets.max() >= len(self.labels):
            raise DataError(
                f"{labels} has a label {targets.max()}",
                f"the labels of {self.word} are 0 to {len(self.labels) - 1}",
            )
        return Samples(inputs[..., None], targets.astype(np.int64))


@dataset("mnist")
class Mnist(IdxDataset):
    """Handwritten digits, the most used small set of images (28 x 28, 10 classes)."""

    if_unavailable: Literal["error", "digits"] = Field(
        default="error",
        kw_only=True,
        description="no network and no copy: stop, or use the bundled digits (announced, recorded)",
    )
    kind: ClassVar[Literal["digit", "image"]] = "digit"
    labels: ClassVar[tuple[str, ...]] = tuple("0123456789")
    archive: ClassVar[Archive] = Archive(
        "mnist",
        dict(
            zip(
                FILES,
                (
                    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                ),
                strict=True,
            )
        ),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
    )

    def stand_in(self) -> Dataset | None:
        """The bundled digits in MNIST's geometry; a validation count becomes that fraction."""
        if self.if_unavailable == "error":
            return None
        validation = self.validation
        if isinstance(validation, int):
            validation = min(validation / (self.limit or self.sizes[0]), 0.9)
        limit = None if self.limit is None else min(self.limit, Digits.sizes[0])
        return Digits(
            geometry="mnist",
            validation=validation,
            split_seed=self.split_seed,
            limit=limit,
            limit_takes=self.limit_takes,
            normalize=self.normalize,
            augment=self.augment,
        )


@dataset("fashion_mnist")
class FashionMnist(IdxDataset):
    """Clothes, shoes and bags: harder than MNIST (28 x 28, 10 classes)."""

    labels: ClassVar[tuple[str, ...]] = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    archive: ClassVar[Archive] = Archive(
        "fashion_mnist",
        dict(
            zip(
                FILES,
                (
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                ),
                strict=True,
            )
        ),
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
    )


@dataset("kmnist")
class Kmnist(IdxDataset):
    """Cursive Japanese characters, ten of them (28 x 28, 10 classes)."""

    labels: ClassVar[tuple[str, ...]] = (
        "o",
        "ki",
        "su",
        "tsu",
        "na",
        "ha",
        "ma",
        "ya",
        "re",
        "wo",
    )
    archive: ClassVar[Archive] = Archive(
        "kmnist",
        dict(
            zip(
                FILES,
                (
                    "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                    "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                    "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                    "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
                ),
                strict=True,
            )
        ),
        (
            "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
            "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        ),
    )
