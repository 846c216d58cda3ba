"""The reference: what every word of a config means, taken from the code itself."""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from nnfs_cli.components.component import Component, did_you_mean
from nnfs_cli.components.described import plain
from nnfs_cli.components.fields import choices_of, expectation, fields_of
from nnfs_cli.components.other_words import MORE, our_word, spelled
from nnfs_cli.components.registry import registry
from nnfs_cli.components.renamed import former_key, renamed_keys
from nnfs_cli.config.config import Checkpoint, Config, EarlyStopping, Section, Train
from nnfs_cli.config.ideas import ideas
from nnfs_cli.errors import UsageError

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
    """A YAML key: what it expects, what it is without being written, what it means.

    ``owners`` are the components that have it so, where several are listed.
    """

    name: str
    expects: str
    default: str
    description: str
    owners: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A word of the config: a component with its keys, or a key alone."""

    title: str
    text: str
    keys: list[Key]


def explain(word: str) -> list[Entry]:
    """Everything that a word means, however it is spelled. Raises UsageError with the nearest word.

    Behind that stands what others mean by it, where that is something else.
    """
    if word not in known_words() and spelled(word) in known_words():
        word = spelled(word)
    entries = [*_components(word), *_keys(word), *_keys_of_component(word), *_renamed(word)]
    entries += _ideas(word)
    if word in SECTIONS and word:
        entries.append(section_entry(word))
    if not entries:
        owner = word.rpartition(".")[0]
        longer = {f"{owner}.{key}" for member in _called(owner) for key in fields_of(member)}
        known = known_words() | longer
        ours = our_word(word, known)
        entries += [] if ours or spelled(word) in MORE else _keys_that_may_be(spelled(word))
        if entries:
            return entries
        hint = MORE.get(spelled(word)) or did_you_mean(ours or word, known)
        raise UsageError(f"nothing is called {word!r}", hint or "`nnfs explain` lists all words")
    elsewhere = None if _called(word) else MORE.get(word)
    return [*entries, *([Entry(f"what others call {word}", elsewhere, [])] if elsewhere else [])]


def listing() -> dict[str, list[str]]:
    """The components of each family, and the config's keys, under ``key``."""
    found = {family: sorted(members) for family, members in registry().items()}
    keys = [
        f"{path}.{key}".lstrip(".") for path, part in SECTIONS.items() for key in fields_of(part)
    ]
    return found | {"key": keys, "idea": [idea.word for idea in ideas()]}


def known_words() -> set[str]:
    """Every component, section, key and idea."""
    words = {name for members in registry().values() for name in members}
    words |= {name for idea in ideas() for name in idea.words}
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


def section_entry(path: str) -> Entry:
    """A section of the config, "" for its top level."""
    return Entry(f"section {path}".rstrip(), _doc(SECTIONS[path]), _keys_of(SECTIONS[path]))


def _components(word: str) -> Iterator[Entry]:
    return map(component_entry, _called(word))


def _called(word: str) -> list[type[Component]]:
    return [members[word] for members in registry().values() if word in members]


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
    for noun, members in sorted(registry().items(), key=lambda each: each[0] != "optimizer"):
        users = [c for n, c in members.items() if n == c.word and name in fields_of(c)]
        plural = "losses" if noun == "loss" else f"{noun}s"
        if users and family in ("", noun, plural, CONFIG_KEYS.get(noun)):
            title = f"key {name} of {plural}: {', '.join(c.word for c in users)}"
            owners: dict[Key, list[str]] = {}
            for user in users:
                owners.setdefault(_key(user, name), []).append(user.word)
            keys = [replace(key, owners=tuple(words)) for key, words in owners.items()]
            yield Entry(title, "", keys)


def _keys_that_may_be(word: str) -> Iterator[Entry]:
    """The keys with the word among their values: ``normalize`` of ``symmetric``."""
    kinds = {*SECTIONS.values(), *(c for members in registry().values() for c in members.values())}
    fields = {(name, field) for kind in kinds for name, field in fields_of(kind).items()}
    names = {name for name, field in fields if word in choices_of(field.annotation)}
    return chain.from_iterable(map(_keys, sorted(names)))


def _keys_of_component(word: str) -> Iterator[Entry]:
    """One component's key: ``conv2d.padding``."""
    owner, _, name = word.rpartition(".")
    for member in _called(owner):
        if name in fields_of(member):
            yield Entry(f"key {name} of {member.noun} {member.word}", "", [_key(member, name)])


def _renamed(word: str) -> Iterator[Entry]:
    """Keys that were called so, of one component (``scale.share``) or of all."""
    owner, _, name = word.rpartition(".")
    every = {c for members in registry().values() for c in members.values()}
    for member in sorted(_called(owner) if owner else every, key=lambda c: c.word):
        new = renamed_keys(member).get(name)
        if new:
            yield Entry(f"key {new} of {member.noun} {member.word}", "", [_key(member, new)])


def _ideas(word: str) -> list[Entry]:
    return [Entry(idea.title, idea.text, []) for idea in ideas() if word in idea.words]


def _key(kind: type, name: str) -> Key:
    return next(key for key in _keys_of(kind) if key.name == name)


def _keys_of(kind: type) -> list[Key]:
    """The keys, those that must be written first."""
    keys = [
        Key(name, expectation(field), _default(field), _meaning(field))
        for name, field in fields_of(kind).items()
    ]
    return sorted(keys, key=lambda key: key.default != REQUIRED)


def _meaning(field: FieldInfo) -> str:
    former = former_key(field)
    return (field.description or "") + (f" (formerly {former})" if former else "")


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
