"""Where every random number comes from.

Streams are keyed, never carried: the generator for (seed, purpose, numbers...) is always the
same, whatever was drawn before it. So a dropout layer added to a network changes neither the
initial weights nor the order of the samples, and a training resumed at epoch 7 needs no more
than the number 7.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; a number, once given, keeps its meaning for ever."""

    WEIGHTS = 0
    ORDER = 1
    LAYER = 2
    SPLIT = 3
    TOY_DATA = 4
    GRADIENT_CHECK = 5


def stream(seed: int, purpose: Purpose, *numbers: int) -> np.random.Generator:
    """The generator of (seed, purpose, numbers): numbers are a layer, an epoch, a worker, ..."""
    sequence = np.random.SeedSequence(seed, spawn_key=(int(purpose), *numbers))
    return np.random.Generator(np.random.PCG64(sequence))


def generator_state(generator: np.random.Generator) -> dict[str, Any]:
    """The generator's exact position, as integers that JSON can carry."""
    return dict(generator.bit_generator.state)


def restore_generator(generator: np.random.Generator, state: dict[str, Any]) -> None:
    """Put the generator where :func:`generator_state` found it."""
    generator.bit_generator.state = state
