"""The range of a training's values; and later arrays of another range, brought to it or refused.

The same images come as bytes, as numbers from 0 to 1, or in 16 bits. A network that is given one
for another answers the same class to everything, and nothing would say why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nnfs_cli.compute.arrays import Array
from nnfs_cli.errors import DataError

BYTE, DEEP = 255, 65_535
FEW = 16
"""Bytes that reach no more than this are hardly images of bytes: scikit-learn's digits end here."""
DARK = 0.05
"""Numbers below this fraction of white are no dark image of bytes, but of another scale."""
FAR = 10
"""Values of images this many times the range of the training outside it are of another scale."""
MANY = 16
"""A row of at least so many numbers, all of one range, may be the pixels of an image."""


@dataclass(frozen=True)
class ValueRange:
    """The least and the largest value of the training inputs, and whether all are ``whole``."""

    low: float
    high: float
    whole: bool

    @classmethod
    def of(cls, inputs: Array) -> ValueRange:
        """The range of inputs (N, ...)."""
        low, high = float(inputs.min()), float(inputs.max())
        whole = inputs.dtype == np.uint8 or (abs(low) + abs(high) > 1 and _is_whole(inputs))
        return cls(low, high, bool(whole))

    def to_json(self) -> dict[str, Any]:
        """The facts as JSON can hold them."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ValueRange:
        """The range that :meth:`to_json` described."""
        return cls(float(stored["low"]), float(stored["high"]), bool(stored["whole"]))

    def white(self, features: int) -> int | None:
        """255 or 1 if rows of so many numbers are the pixels of images, which nothing else says."""
        if features < MANY or self.low < 0:
            return None
        if self.whole and BYTE / 2 < self.high <= BYTE:
            return BYTE
        return 1 if not self.whole and 0.5 < self.high <= 1 else None


def in_range(
    inputs: Array, white: float | None, trained: ValueRange | None, what: str
) -> tuple[Array, str]:
    """The inputs (N, ...) in the training's range, and what was done to bring them there.

    ``white`` is the brightest value that a pixel had in training, None if it is unknown. Raises
    DataError where the two ranges differ and it is not certain how.
    """
    if not inputs.size:
        return inputs, ""
    if white is None:
        return _compared(inputs, trained, what)
    low, high = 0.0 if inputs.dtype == np.uint8 else float(inputs.min()), float(inputs.max())
    unit = 0 <= low < high <= 1 and not _is_whole(inputs)
    given = _white_of(inputs, low, high, unit, white)
    if given == white:
        return inputs, ""
    if given is None:
        raise _another_scale(what, inputs, 0, white)
    scaled = inputs.astype(np.float32) * np.float32(white / given)
    return scaled, f"values from 0 to {given:g} brought to 0 to {white:g}"


def _white_of(inputs: Array, low: float, high: float, unit: bool, white: float) -> float | None:
    """The brightest value that pixels of these inputs can have; None if it is not certain."""
    if inputs.dtype == np.bool_ or unit:
        return 1
    if white == 1 and low >= -1 and high <= 2:
        return 1
    if low < 0:
        return None
    if high <= white and not _is_faint(inputs, high, white):
        return white
    return next((w for w in (BYTE, DEEP) if w != white and _fits(inputs, high, w)), None)


def _is_faint(inputs: Array, high: float, white: float) -> bool:
    """Whether these are rather numbers of a smaller scale than very dark images."""
    if high == 0 or (inputs.dtype == np.uint8 and white <= BYTE):
        return high == 1
    return high == 1 or (high < DARK * white and (white > BYTE or not _is_whole(inputs)))


def _fits(inputs: Array, high: float, white: float) -> bool:
    return white / 2 < high <= white or (white == BYTE and inputs.dtype == np.uint8 and high > 1)


def _compared(inputs: Array, trained: ValueRange | None, what: str) -> tuple[Array, str]:
    """Images whose white is unknown are refused if they are far from the training's range."""
    if trained is None or inputs.ndim != 4:
        return inputs, ""
    low, high = float(inputs.min()), float(inputs.max())
    reach = FAR * max(trained.high - trained.low, 1e-6)
    far = high > trained.high + reach or low < trained.low - reach
    shrunk = trained.whole and trained.high > 2 and 0 <= low < high <= 1
    if far or (shrunk and not _is_whole(inputs)):
        raise _another_scale(what, inputs, trained.low, trained.high)
    return inputs, ""


def _another_scale(what: str, inputs: Array, least: float, most: float) -> DataError:
    low, high = float(inputs.min()), float(inputs.max())
    return DataError(
        f"{what} has values from {low:.4g} to {high:.4g}, and the network was trained on values "
        f"from {least:.4g} to {most:.4g}",
        "scale them as the training data were",
    )


def _is_whole(inputs: Array) -> bool:
    return inputs.dtype.kind in "biu" or bool((inputs == np.rint(inputs)).all())
