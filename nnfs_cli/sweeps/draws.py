"""Draws: ranges such as ``log(1e-4,1e-1)``, in which ``--random`` and ``--search`` try values.

::

    optimizer.lr=log(1e-4,1e-1)    log-uniform       train.clip_norm=uniform(0.5,2)
    layers.0.units=int(16,256)     a whole number    optimizer=choice(adam,sgd)

Plain values, ``seed=0..4`` or ``a,b``, are drawn from too. The same words and seed give the same
trials, and the first trials of a larger N are those of a smaller one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.errors import ConfigError, Problem
from nnfs_cli.formatting import cut
from nnfs_cli.sweeps.grid import SHOWN, divided, grid_of, require_once

RANGE = re.compile(r"(log|uniform|int|choice)\((.*)\)", re.DOTALL)
DIGITS = 6
"""Significant digits of a number that is drawn."""
MAX_REPEATS = 100
"""Draws in a row that give a trial that is there already, before all are taken to be there."""

Value = float | int | str


@dataclass(frozen=True)
class Range:
    """Where a key's values lie: ``log``, ``uniform``, ``int`` or ``choice``."""

    kind: str
    low: float = 0
    high: float = 0
    values: tuple[str, ...] = ()
    """Of a choice."""

    @property
    def corners(self) -> tuple[str, ...]:
        """The ends, or all choices."""
        return self.values or (self.text(self.low), self.text(self.high))

    def drawn(self, generator: np.random.Generator) -> str:
        """A value at random."""
        if self.kind == "choice":
            return self.values[int(generator.integers(len(self.values)))]
        if self.kind == "int":
            return str(int(generator.integers(int(self.low), int(self.high), endpoint=True)))
        if self.kind == "uniform":
            return self.text(float(generator.uniform(self.low, self.high)))
        ends = math.log(self.low), math.log(self.high)
        return self.text(math.exp(float(generator.uniform(*ends))))

    def text(self, value: Value) -> str:
        """A value as an override writes it: in few digits, and still between the bounds."""
        if isinstance(value, str):
            return value
        if self.kind == "int":
            return str(int(value))
        return repr(min(max(float(f"{value:.{DIGITS}g}"), float(self.low)), float(self.high)))

    def value(self, text: str) -> Value:
        """The value of a text that :meth:`text` wrote. Raises ValueError if it lies outside."""
        if self.kind == "choice":
            return self.values[self.values.index(text)]
        value = int(text) if self.kind == "int" else float(text)
        if not self.low <= value <= self.high:
            raise ValueError(text)
        return value


@dataclass(frozen=True)
class Draws:
    """Keys, the ranges of their values, and the overrides of every trial."""

    keys: list[str]
    ranges: list[Range]
    overrides: tuple[str, ...]

    def corners(self) -> list[tuple[str, ...]]:
        """Points in which every key has each of its ends, the other keys their first."""
        first = tuple(each.corners[0] for each in self.ranges)
        others = [
            (*first[:place], text, *first[place + 1 :])
            for place, each in enumerate(self.ranges)
            for text in each.corners[1:]
        ]
        return [first, *others]

    def points(self, count: int, seed: int) -> list[tuple[str, ...]]:
        """So many different points. Raises ConfigError where there are not as many."""
        generator, found, repeats = np.random.default_rng(seed), dict[tuple[str, ...], None](), 0
        while len(found) < count and repeats < MAX_REPEATS:
            point = tuple(each.drawn(generator) for each in self.ranges)
            repeats = repeats + 1 if point in found else 0
            found[point] = None
        if len(found) < count:
            message = f"--random {count:,}: the ranges have only some {len(found):,} combinations"
            raise ConfigError([Problem(message, "ask for fewer, or leave --random out for all")])
        return list(found)


def draws_of(words: Sequence[str]) -> Draws:
    """What these words draw from. Raises ConfigError with every fault."""
    problems: list[Problem] = []
    keys: list[str] = []
    ranges: list[Range] = []
    plain: list[str] = []
    for word in words:
        key, _, value = word.partition("=")
        found = RANGE.fullmatch(value)
        if found is None:
            plain.append(word)
            continue
        try:
            if key in keys:
                raise _problem(word, "varies a key for the second time", "write its range once")
            ranges.append(_range(word, found[1], [part.strip() for part in divided(found[2])]))
            keys.append(key)
        except ConfigError as error:
            problems += error.problems
    try:
        grid = grid_of([*plain, *(f"{key}=0,1" for key in keys)])
    except ConfigError as error:
        raise ConfigError([*problems, *error.problems]) from None
    if problems:
        raise ConfigError(problems)
    chosen = [axis for axis in grid.axes if axis.key not in keys]
    if not keys and not chosen:
        message = "there is no range to draw trials from"
        raise ConfigError([Problem(message, "write optimizer.lr=log(1e-4,1e-1), say")])
    all_keys = [*keys, *(axis.key for axis in chosen)]
    choices = [Range("choice", values=axis.values) for axis in chosen]
    return Draws(all_keys, [*ranges, *choices], grid.overrides)


def require_no_ranges(words: Sequence[str]) -> None:
    """Raise ConfigError for a range that a grid has no use for."""
    for word in words:
        if RANGE.fullmatch(word.partition("=")[2]):
            raise _problem(word, "is a range to draw from", "add --random N, or --search tpe")


def _range(word: str, kind: str, parts: Sequence[str]) -> Range:
    if kind == "choice":
        if len(parts) < 2 or "" in parts:
            raise _problem(word, "offers no choice", "write choice(adam,sgd)")
        require_once(word, parts)
        return Range(kind, values=tuple(parts))
    return Range(kind, *_bounds(word, kind, parts))


def _bounds(word: str, kind: str, parts: Sequence[str]) -> tuple[float, float]:
    hint = f"write {kind}({'16,256' if kind == 'int' else '1e-4,1e-1'})"
    try:
        low, high = (int(part) if kind == "int" else float(part) for part in parts)
    except ValueError:
        what = "two whole numbers" if kind == "int" else "two numbers"
        raise _problem(word, f"expects {what}", hint) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise _problem(word, "has an empty range", "the first number is the smaller one")
    if max(-low, high) > 2**62:
        raise _problem(word, "has too large a number", "the largest is 4e18")
    if kind == "log" and low <= 0:
        raise _problem(word, "has no logarithm", "the numbers are above 0")
    return low, high


def _problem(word: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"`{cut(word, SHOWN)}` {message}", hint)])
