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

from nnfs_cli.compute.seed_sequence import states
from nnfs_cli.errors import UsageError


class Purpose(IntEnum):
    """What a stream is for; a number, once given, keeps its meaning for ever."""

    WEIGHTS = 0
    ORDER = 1
    LAYER = 2
    SPLIT = 3
    TOY_DATA = 4
    GRADIENT_CHECK = 5
    AUGMENT = 6
    FIXED_BATCH = 7


def require_seed(seed: Any) -> None:
    """Raise UsageError unless a program gives a whole number of at least 0."""
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    if not whole or seed < 0:
        raise UsageError(f"seed expects a whole number of at least 0, received {seed!r:.60}")


def stream(seed: int, purpose: Purpose, *numbers: int) -> np.random.Generator:
    """The generator of (seed, purpose, numbers): numbers are a layer, an epoch, a worker, ..."""
    return np.random.Generator(np.random.PCG64(stream_key(seed, purpose, *numbers)))


def stream_key(seed: int, purpose: Purpose, *numbers: int) -> np.random.SeedSequence:
    """What a stream's numbers follow from."""
    return np.random.SeedSequence(seed, spawn_key=(int(purpose), *numbers))


AHEAD = 64
"""Streams whose beginnings are computed together."""
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
"""Of PCG64's steps, in arithmetic modulo 2**128."""


class NumberedStreams:
    """The streams of (seed, purpose, 0), (seed, purpose, 1), ..., one at a time."""

    def __init__(self, seed: int, purpose: Purpose) -> None:
        self.seed, self.purpose = int(seed), purpose  # it may be NumPy's
        self._places = np.random.PCG64(0)
        self._generator = np.random.Generator(self._places)
        self._numbers, self._states = range(0), [[0]]

    def at(self, number: int) -> np.random.Generator:
        """What ``stream(seed, purpose, number)`` is, until the next call."""
        if number not in self._numbers:
            self._numbers = range(number, number + AHEAD)
            self._states = states(self.seed, self.purpose, self._numbers).tolist()
        high, low, first, second = self._states[number - self._numbers.start]
        increment = (first << 65 | second << 1 | 1) % 2**128
        place = ((increment + (high << 64 | low)) * MULTIPLIER + increment) % 2**128
        state: Any = {"bit_generator": "PCG64", "has_uint32": 0, "uinteger": 0}
        self._places.state = state | {"state": {"state": place, "inc": increment}}
        return self._generator


JUMP = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""2**128 / golden ratio: its multiples spread evenly over a PCG64's period of 2**128.

By a power of two instead, the low bits of all places would be the same.
"""


class StepStream:
    """A stream in which every step draws from its own place.

    So a training resumed in the middle of an epoch needs no more than the step's number, in
    each of its workers.
    """

    def __init__(self, seed: int, purpose: Purpose, *numbers: int) -> None:
        self._places = np.random.PCG64(stream_key(seed, purpose, *numbers))
        self._start = self._places.state
        self.generator = np.random.Generator(self._places)

    def go_to(self, step: int) -> None:
        """Draw this step's numbers from now on."""
        self._places.state = self._start
        self._places.advance(step * JUMP % 2**128)


def generator_state(generator: np.random.Generator) -> dict[str, Any]:
    """The generator's exact position, as integers that JSON can carry."""
    return dict(generator.bit_generator.state)


def restore_generator(generator: np.random.Generator, state: dict[str, Any]) -> None:
    """Put the generator where :func:`generator_state` found it."""
    generator.bit_generator.state = state
