"""Draws: the trials of ``--random N``, from ranges such as ``log(1e-4,1e-1)``.

::

    optimizer.lr=log(1e-4,1e-1)    log-uniform       train.clip_norm=uniform(0.5,2)
    layers.0.units=int(16,256)     a whole number    optimizer=choice(adam,sgd)

Plain values, ``seed=0..4`` or ``a,b``, are drawn from too. The same words and seed give the same
trials, and the first trials of a larger N are those of a smaller one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nnfs_cli.errors import ConfigError, Problem
from nnfs_cli.formatting import cut
from nnfs_cli.sweeps.grid import SHOWN, divided, grid_of

RANGE = re.compile(r"(log|uniform|int|choice)\((.*)\)", re.DOTALL)
DIGITS = 6
"""Significant digits of a number that is drawn."""
MAX_REPEATS = 100
"""Draws in a row that give a trial that is there already, before all are taken to be there."""

Draw = Callable[[np.random.Generator], str]


@dataclass(frozen=True)
class Draws:
    """Keys, what draws their values, and the overrides of every trial."""

    keys: list[str]
    draws: list[Draw]
    overrides: tuple[str, ...]

    def points(self, count: int, seed: int) -> list[tuple[str, ...]]:
        """So many different points. Raises ConfigError where there are not as many."""
        generator, found, repeats = np.random.default_rng(seed), dict[tuple[str, ...], None](), 0
        while len(found) < count and repeats < MAX_REPEATS:
            point = tuple(draw(generator) for draw in self.draws)
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
    draws: list[Draw] = []
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
            draws.append(_draw(word, found[1], [part.strip() for part in divided(found[2])]))
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
        message = "--random has no range to draw from"
        raise ConfigError([Problem(message, "write optimizer.lr=log(1e-4,1e-1), say")])
    all_keys = [*keys, *(axis.key for axis in chosen)]
    return Draws(all_keys, [*draws, *(_choice(axis.values) for axis in chosen)], grid.overrides)


def require_no_ranges(words: Sequence[str]) -> None:
    """Raise ConfigError for a range that a grid has no use for."""
    for word in words:
        if RANGE.fullmatch(word.partition("=")[2]):
            raise _problem(word, "is a range to draw from", "add --random N")


def _draw(word: str, kind: str, parts: Sequence[str]) -> Draw:
    if kind == "choice":
        if len(parts) < 2 or "" in parts:
            raise _problem(word, "offers no choice", "write choice(adam,sgd)")
        return _choice(parts)
    low, high = _bounds(word, kind, parts)
    if kind == "int":
        return lambda generator: str(int(generator.integers(int(low), int(high), endpoint=True)))
    if kind == "uniform":
        return lambda generator: _written(float(generator.uniform(low, high)), low, high)
    ends = math.log(low), math.log(high)
    return lambda generator: _written(math.exp(float(generator.uniform(*ends))), low, high)


def _bounds(word: str, kind: str, parts: Sequence[str]) -> tuple[float, float]:
    hint = f"write {kind}({'16,256' if kind == 'int' else '1e-4,1e-1'})"
    try:
        low, high = (int(part) if kind == "int" else float(part) for part in parts)
    except ValueError:
        what = "two whole numbers" if kind == "int" else "two numbers"
        raise _problem(word, f"expects {what}", hint) from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high) or max(-low, high) > 2**62:
        raise _problem(word, "has an empty range", "the first number is the smaller one")
    if kind == "log" and low <= 0:
        raise _problem(word, "has no logarithm", "the numbers are above 0")
    return low, high


def _choice(values: Sequence[str]) -> Draw:
    return lambda generator: values[int(generator.integers(len(values)))]


def _written(value: float, low: float, high: float) -> str:
    """A number in few digits that is still between the bounds."""
    return repr(min(max(float(f"{value:.{DIGITS}g}"), low), high))


def _problem(word: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"`{cut(word, SHOWN)}` {message}", hint)])
