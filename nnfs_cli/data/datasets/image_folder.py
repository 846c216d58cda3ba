"""Your own images, a folder for each class, decoded once and kept as bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import Field

from nnfs_cli.components.component import dataset
from nnfs_cli.compute.arrays import Array
from nnfs_cli.data.dataset import Loaded, Samples
from nnfs_cli.data.images.class_folders import Found, find_images, with_split
from nnfs_cli.data.images.decoder import Channels, commonest_size, decode_images
from nnfs_cli.data.images.file_labels import HELP, PLACE, labelled_by_name, labelled_by_table
from nnfs_cli.data.images.image_file import LARGEST
from nnfs_cli.data.source import Source
from nnfs_cli.data.splitting import split_test
from nnfs_cli.data.user_data import Fraction, UserData
from nnfs_cli.errors import DataError

Side = Annotated[int, Field(ge=1, le=LARGEST)]


@dataset("image_folder")
class ImageFolder(UserData):
    """Your own images: a folder for each class, or train/, val/ and test/ with those inside.

    A divided folder is used as it is divided: val/ is the validation split in place of a
    fraction of the training, and without test/ there is no test.
    """

    path: str = Field(description="the folder that holds the class folders, or train/")
    size: Side | Annotated[list[Side], Field(min_length=2, max_length=2)] | None = Field(
        default=None,
        kw_only=True,
        description="every image is stretched to this side, or [height, width]; by default the "
        "size that most training images have",
    )
    channels: Channels = Field(
        default="auto", kw_only=True, description="auto: color if any image has some"
    )
    test: str | Fraction = Field(
        default=0.2,
        kw_only=True,
        description="fraction to split off for testing, if the folder is not divided; or a folder "
        "of test images",
    )

    labels: str | None = Field(default=None, kw_only=True, description=HELP)

    def load(self, source: Source) -> Loaded:
        """Images as uint8 (N, H, W, 1) or (N, H, W, 3); a class is the place of its name."""
        root = source.locate_folder(self.path)
        found = self._with_folders(self._found(root, source), source)
        labels = source.in_order(list(found.train))
        splits = [_listed(split, labels) for split in (found.train, found.validation, found.test)]
        files = [file for split, _ in splits for file in split]
        size = self._size(splits[0][0])
        pixels, resized, span = decode_images(
            files, size, self.channels, root.name, source.progress
        )
        cut = np.split(pixels, np.cumsum([len(split) for split, _ in splits])[:-1])
        train, validation, test = (
            Samples(x, np.array(y, dtype=np.int64), _origins(split, root))
            for x, (split, y) in zip(cut, splits, strict=True)
        )
        if not found.divided and not isinstance(self.test, str):
            train, drawn = split_test(train, self.test)
            test = train.pick(np.arange(0)) if drawn is None else drawn
        return Loaded(
            train,
            test if len(test) else None,
            labels,
            kind="image",
            white=255,
            span=span,
            layout={"labels": self.labels} if self.labels and PLACE in self.labels else None,
            validation=validation if len(validation) else None,
            notice="; ".join(self._notices(found, pixels, resized)),
        )

    def _found(self, root: Path, source: Source) -> Found:
        """The images of the classes: by folders, or as ``labels`` says."""
        if self.labels is None:
            return find_images(root)
        if PLACE in self.labels:
            return labelled_by_name(root, self.labels)
        beside = root / self.labels
        return labelled_by_table(root, beside if beside.is_file() else source.locate(self.labels))

    def _with_folders(self, found: Found, source: Source) -> Found:
        """The images with those of splits that have folders of their own."""
        for split, given in (("validation", self.validation), ("test", self.test)):
            if isinstance(given, str):
                found = with_split(found, split, source.locate_folder(given))
        return found

    def _size(self, files: Sequence[Path]) -> tuple[int, int]:
        if isinstance(self.size, int):
            return self.size, self.size
        if self.size is not None:
            return self.size[0], self.size[1]
        height, width = commonest_size(files)
        if max(height, width) > LARGEST:
            raise DataError(
                f"most images have {height:,} x {width:,} pixels, more than a network takes",
                "set data.size, such as data.size=64",
            )
        return height, width

    def _notices(self, found: Found, pixels: Array, resized: int) -> Iterator[str]:
        if self.size is None and resized:
            count, height, width, _ = pixels.shape
            yield (
                f"{resized:,} of {count:,} images were resized to {height} x {width}, the "
                "commonest size: data.size=[height, width] sets another"
            )
        if found.left_out:
            yield f"left out beside the training split: {', '.join(found.left_out[:5])}"
        yield from found.notices


def _origins(files: Sequence[Path], root: Path) -> Array:
    """The images' paths within the folder; those of other folders as they are."""
    below = os.path.join(root, "")
    return np.array([str(file).removeprefix(below) for file in files], dtype=object)


def _listed(split: dict[str, list[Path]], labels: tuple[str, ...]) -> tuple[list[Path], list[int]]:
    """Every image of a split, class by class, and the number of its class."""
    known = {number: split[name] for number, name in enumerate(labels) if name in split}
    files = [file for images in known.values() for file in images]
    return files, [number for number, images in known.items() for _ in images]
