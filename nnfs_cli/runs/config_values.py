"""The configs of many runs as values by key, ``optimizer.lr``, quickly: there may be thousands.

A run's config is written by one writer, a key a line. Configs with the same keys in the same lines
are validated once; of the others only the values are read.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from nnfs_cli.components.described import essence, plain
from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, parse
from nnfs_cli.errors import ConfigError, DataError
from nnfs_cli.runs.run import Run

Values = dict[str, Any]
KEY = re.compile(r"[ -]*[A-Za-z_][A-Za-z0-9_]*: ")
"""What stands before a value in a line, as the configs of runs have them."""


class Read(NamedTuple):
    """A config that was validated."""

    values: Values
    lines: list[str]
    keys: list[str]
    """Of each line; empty where a line does not have one with its value."""

    @property
    def is_said_by_lines(self) -> bool:
        """Whether the lines have all that differs between configs of this kind.

        Not where a value goes on in the next line, or a key has been renamed since.
        """
        try:
            return all(
                key in self.values and same(self.values[key], _scalar(_word(line)))
                for key, line in zip(self.keys, self.lines, strict=True)
                if key
            )
        except ConfigError:
            return False

    def with_lines(self, lines: list[str]) -> Values | None:
        """The values of a config of as many lines, if it differs in values behind keys alone."""
        own: Values = {}
        pairs = zip(lines, self.lines, strict=True)
        for at in [at for at, (line, known) in enumerate(pairs) if line != known]:
            key, line, known = self.keys[at], lines[at], self.lines[at]
            if not key or not line.startswith(known[: -len(_word(known))]):
                return None
            try:
                own[key] = _scalar(_word(line))
            except ConfigError:
                return None
        nested = any(isinstance(value, dict) for value in own.values())
        return None if nested else self.values | own


class ConfigValues:
    """Reads the configs of runs."""

    def __init__(self) -> None:
        self.defaults: set[tuple[str, str]] = set()
        """The keys of the configs that were validated, with the values that are their defaults."""
        self._known: dict[int, list[Read]] = {}
        """A config of each kind, by how many lines it has."""

    def of(self, run: Run) -> Values:
        """Every value of a run's config by its key, defaults too. Raises DataError."""
        text = run.config_text()
        lines = text.split("\n")
        known = self._known.setdefault(len(lines), [])
        for read in known:
            values = read.with_lines(lines)
            if values is not None:
                return values
        document = _parsed(run, text)
        found = Read(self._values(document), lines, _keys(lines, document))
        if found.is_said_by_lines:
            known.append(found)
        return found.values

    def _values(self, document: Document) -> Values:
        try:
            config = validate(document)
        except ConfigError:  # of a plugin that is not here, or of another version
            return dict(flat(document.value))
        self.defaults |= {(key, repr(value)) for key, value in _at_default(config)}
        return dict(flat(config.described()))


def _at_default(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The keys below a config, a section or a component that are at their defaults."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _at_default(item, f"{path}.{number}")
    for name, field in getattr(type(value), "__pydantic_fields__", {}).items():
        own, key = getattr(value, name), f"{path}.{name}".lstrip(".")
        if essence(own) == essence(field.get_default(call_default_factory=True)):
            yield from flat(plain(own), key)
        else:
            yield from _at_default(own, key)


def _parsed(run: Run, text: str) -> Document:
    try:
        return parse(text, "")
    except ConfigError as error:
        raise DataError(f"the config of run {run.id} is not valid: {error}") from None


def _keys(lines: Sequence[str], document: Document) -> list[str]:
    """The key of each line that has a value in it."""
    paths = {where: ".".join(map(str, path)) for path, where in document.values.items()}
    heads = [KEY.match(line) for line in lines]
    return [
        paths.get(f":{number}:{len(head[0]) + 1}", "") if head else ""
        for number, head in enumerate(heads, 1)
    ]


def _word(line: str) -> str:
    """The value in a line that has a key."""
    return line.partition(": ")[2]


@lru_cache(maxsize=10_000)
def _scalar(word: str) -> Any:
    return parse(word, "").value


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value below one, with its key; a list of plain values is one value."""
    if isinstance(value, Mapping) and value:
        children: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        children = enumerate(value)
    else:
        yield path, value
        return
    for key, child in children:
        yield from flat(child, f"{path}.{key}".lstrip("."))


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: 1 and 1.0 are, 1 and true are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def differing(configs: Sequence[Values], defaults: Container[tuple[str, str]] = ()) -> list[str]:
    """The keys that not all configs have with one value, in the order of the configs.

    What some configs do not have differs if any of the others has it at no default of it.
    """
    known, found, lacking = dict[str, None](), set[str](), set[str]()
    first = configs[0] if configs else {}
    for config in configs:
        if config.keys() != known.keys():
            lacking |= config.keys() ^ first.keys()
            known |= dict.fromkeys(config)
        for key, value in config.items():
            if key in lacking or key in found:
                continue
            if value is not first[key] and not same(value, first[key]):
                found.add(key)
    for key in lacking:
        own = [config[key] for config in configs if key in config]
        found -= {key}
        if any((key, repr(value)) not in defaults for value in own):
            found.add(key)
    return [key for key in known if key in found]
