"""The reference: what every word of a config means, taken from the code itself."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined

from nnfs_cli.component import Component, nearest, plain
from nnfs_cli.config import Checkpoint, Config, EarlyStopping, Section, Train
from nnfs_cli.errors import UsageError
from nnfs_cli.explaining import expectation, fields_of
from nnfs_cli.registry import registry

REQUIRED = "required"
SECTIONS: dict[str, type[Section]] = {
    "": Config,
    "train": Train,
    "train.early_stopping": EarlyStopping,
    "train.checkpoint": Checkpoint,
}


CONFIG_KEYS = {"dataset": "data", "augmentation": "augment"}
"""Where the config's key is not called like the family of components it takes."""


@dataclass(frozen=True)
class Key:
    """A YAML key: what it expects, what it is without being written, what it means."""

    name: str
    expects: str
    default: str
    description: str


@dataclass(frozen=True)
class Entry:
    """A word of the config: a component with its keys, or a key alone."""

    title: str
    text: str
    keys: list[Key]


def explain(word: str) -> list[Entry]:
    """Everything that a word means. Raises UsageError with the nearest word."""
    entries = [*_components(word), *_keys(word)]
    if word in SECTIONS and word:
        entries.append(_section(word))
    if not entries:
        raise UsageError(f"nothing is called {word!r}", nearest(word, known_words()))
    return entries


def known_words() -> set[str]:
    """Every component, section and key."""
    words = {name for members in registry().values() for name in members}
    for members in registry().values():
        words |= {key for member in members.values() for key in fields_of(member)}
    for path, section in SECTIONS.items():
        words |= {name for key in fields_of(section) for name in (key, f"{path}.{key}".lstrip("."))}
    return words


def component_entry(member: type[Component]) -> Entry:
    """A component's docstring and its keys."""
    names = [name for name, c in registry()[member.family].items() if c is member]
    also = f" (also {', '.join(n for n in names if n != member.word)})" if len(names) > 1 else ""
    return Entry(f"{member.noun} {member.word}{also}", _doc(member), _keys_of(member))


def _components(word: str) -> Iterator[Entry]:
    for members in registry().values():
        if word in members:
            yield component_entry(members[word])


def _section(path: str) -> Entry:
    return Entry(f"section {path}", _doc(SECTIONS[path]), _keys_of(SECTIONS[path]))


def _keys(word: str) -> Iterator[Entry]:
    """The key called ``word`` or ending in it: ``train.epochs``, ``epochs``, ``optimizer.lr``."""
    for path, section in SECTIONS.items():
        for key in _keys_of(section):
            full = f"{path}.{key.name}".lstrip(".")
            if word in (full, key.name):
                yield Entry(f"key {full}", "", [key])
    if any(word in fields_of(section) for section in SECTIONS.values()):
        return
    family, _, name = word.rpartition(".")
    for noun, members in registry().items():
        users = [c for n, c in members.items() if n == c.word and name in fields_of(c)]
        if users and family in ("", noun, noun + "s", CONFIG_KEYS.get(noun)):
            title = f"key {name} of {noun}s: {', '.join(c.word for c in users)}"
            keys = [next(key for key in _keys_of(user) if key.name == name) for user in users]
            yield Entry(title, "", list(dict.fromkeys(keys)))


def _keys_of(kind: type) -> list[Key]:
    """The keys, those that must be written first."""
    keys = [
        Key(name, expectation(field), _default(field), field.description or "")
        for name, field in fields_of(kind).items()
    ]
    return sorted(keys, key=lambda key: key.default != REQUIRED)


def _default(field: Any) -> str:
    if field.default_factory is not None:
        value = field.default_factory()
    elif field.default is PydanticUndefined:
        return REQUIRED
    else:
        value = field.default
    if isinstance(value, Section):
        return "its defaults"
    if isinstance(value, Component):
        return value.word
    return json.dumps(plain(value)).strip('"')


def _doc(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or "")
