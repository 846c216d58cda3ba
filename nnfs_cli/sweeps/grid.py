"""The grid: ``optimizer.lr=1e-2,1e-3 seed=0..4`` is every combination of these values.

A word of the command line whose value has commas, or is a range of whole numbers, is an axis; any
other is an ordinary override of every trial. Commas between brackets or quotes belong to the value.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.errors import ConfigError, Problem
from nnfs_cli.formatting import cut

RANGE = re.compile(r"(-?\d{1,15})\.\.(-?\d{1,15})")
MAX_TRIALS = 10_000
OPENING, CLOSING, QUOTES = "[{(", "]})", "'\""
SHOWN = 60
"""Characters of a word that an error repeats."""


@dataclass(frozen=True)
class Axis:
    """A key and the values that the trials give it, each as it is written in an override."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """What the words of a command line ask for."""

    axes: tuple[Axis, ...]
    overrides: tuple[str, ...]
    """Of every trial."""

    @property
    def keys(self) -> list[str]:
        """What differs between the trials."""
        return [axis.key for axis in self.axes]

    def __len__(self) -> int:
        return math.prod(len(axis.values) for axis in self.axes)

    def points(self) -> Iterator[tuple[str, ...]]:
        """A value of each axis, the last axis changing fastest."""
        return itertools.product(*(axis.values for axis in self.axes))


def grid_of(words: Sequence[str]) -> Grid:
    """The grid of these words. Raises ConfigError with every fault."""
    axes: list[Axis] = []
    overrides: list[str] = []
    problems: list[Problem] = []
    for word in words:
        key, _, value = word.partition("=")
        try:
            values = _values(word, value)
            if len(values) == 1:
                overrides.append(f"{key}={values[0]}" if RANGE.fullmatch(value) else word)
                continue
            if key in (axis.key for axis in axes):
                raise _problem(word, "varies a key for the second time", "write its values once")
            axes.append(Axis(key, values))
        except ConfigError as error:
            problems += error.problems
    varied = {axis.key for axis in axes}
    for word in overrides:
        if word.partition("=")[0] in varied:
            twice = _problem(word, "sets a key that another word varies", "keep one of them")
            problems += twice.problems
    if problems:
        raise ConfigError(problems)
    grid = Grid(tuple(axes), tuple(overrides))
    if len(grid) > MAX_TRIALS:
        message = f"the grid has {len(grid):,} trials, and a sweep at most {MAX_TRIALS:,}"
        raise ConfigError([Problem(message, "leave values out, or sweep in parts")])
    return grid


def _values(word: str, text: str) -> tuple[str, ...]:
    """The values in a text; each of them once. Raises ConfigError."""
    parts = [part.strip() for part in divided(text)]
    if len(parts) > 1 and "" in parts:
        hint = "write the values between them, or quote a value that has commas"
        raise _problem(word, "has commas without a value", hint)
    values = [value for part in parts for value in _expanded(word, part)]
    if len(values) > 1:
        require_once(word, values)
    return tuple(values)


def require_once(word: str, values: Sequence[str]) -> None:
    """Raise ConfigError for a value that a word has twice, however it is written."""
    seen: set[str] = set()
    for value in values:
        parsed = repr(parse(value, f"`{cut(word, SHOWN)}`").value)
        if parsed in seen:
            raise _problem(word, f"has the value {cut(value, SHOWN)} twice", "leave one out")
        seen.add(parsed)


def _expanded(word: str, part: str) -> list[str]:
    found = RANGE.fullmatch(part)
    if found is None:
        return [part]
    first, last = int(found[1]), int(found[2])
    if last < first:
        raise _problem(word, "has an empty range", f"write {last}..{first}")
    if last - first >= MAX_TRIALS:
        raise _problem(word, f"has more than {MAX_TRIALS:,} values", "take a smaller range")
    return [str(number) for number in range(first, last + 1)]


def divided(text: str) -> list[str]:
    """The parts between commas that stand in no bracket and no quotes, as YAML has them."""
    parts, begun, depth, quote, before = [], 0, 0, "", ","
    skip = False
    for place, character in enumerate(text):
        if skip:
            skip = False
        elif quote:
            skip = quote == '"' and character == "\\"
            quote = "" if character == quote else quote
        elif character in QUOTES and before in ",:'" + OPENING:  # '' within quotes is a quote
            quote = character
        elif character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth = max(depth - 1, 0)
        elif character == "," and not depth:
            parts.append(text[begun:place])
            begun = place + 1
        before = before if character == " " else character
    return [*parts, text[begun:]]


def _problem(word: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"`{cut(word, SHOWN)}` {message}", hint)])
