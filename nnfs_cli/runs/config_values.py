"""The configs of many runs as values by key, ``optimizer.lr``, quickly: there may be thousands.

A run's config is written by one writer, a key a line. Configs with the same keys in the same lines
are validated once; of the others only the values are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, parse
from nnfs_cli.errors import ConfigError, DataError
from nnfs_cli.runs.run import Run

Values = dict[str, Any]
LINE = re.compile(r"^([ -]*[A-Za-z_][A-Za-z0-9_]*:) (.{1,200})$", re.MULTILINE)
"""A key and its value in one line, as the configs of runs have them."""


class ConfigValues:
    """Reads the configs of runs."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Values, list[str]]] = {}
        """For a text without its values: all values of one config, and the key of each line."""

    def of(self, run: Run) -> Values:
        """Every value of a run's config by its key, defaults too. Raises DataError."""
        text = run.config_text()
        parts = LINE.split(text)
        words = parts[2::3]
        del parts[2::3]
        shape = "\0".join(parts)
        if shape not in self._known:
            document = _parsed(run, text)
            keys, values = _keys(text, document), _values(document)
            if not _lines_say(values, keys, words):
                return values
            self._known[shape] = values, keys
        values, keys = self._known[shape]
        return values | dict(zip(keys, map(_scalar, words), strict=True))


def _parsed(run: Run, text: str) -> Document:
    try:
        return parse(text, "")
    except ConfigError as error:
        raise DataError(f"the config of run {run.id} is not valid: {error}") from None


def _keys(text: str, document: Document) -> list[str]:
    """The key of each line that has a value in it."""
    paths = {where: ".".join(map(str, path)) for path, where in document.values.items()}
    keys = []
    for line in LINE.finditer(text):
        number, column = text.count("\n", 0, line.start()) + 1, len(line[1]) + 2
        keys.append(paths.get(f":{number}:{column}", ""))
    return keys


def _values(document: Document) -> Values:
    try:
        described: Any = validate(document).described()
    except ConfigError:  # of a plugin that is not here, or of another version
        described = document.value
    return dict(flat(described))


def _lines_say(values: Values, keys: list[str], words: list[str]) -> bool:
    """Whether the lines have all that differs between configs of this shape.

    Not where a value goes on in the next line, or a key has been renamed since.
    """
    try:
        said = [key in values and same(values[key], _scalar(word))
                for key, word in zip(keys, words, strict=True)]  # fmt: skip
    except ConfigError:
        return False
    return all(said)


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


def differing(configs: Iterable[Values]) -> list[str]:
    """The keys that not all configs have, or not with one value, in the order of the configs."""
    first: Values | None = None
    known, found = dict[str, None](), set[str]()
    for config in configs:
        if first is None:
            first = config
        if config.keys() != known.keys():
            found |= config.keys() ^ first.keys()
            known |= dict.fromkeys(config)
        for key, value in config.items():
            if key not in found and value is not first[key] and not same(value, first[key]):
                found.add(key)
    return [key for key in known if key in found]
