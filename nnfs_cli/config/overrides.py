"""Overrides (``optimizer.lr=3e-3``) and inheritance (``extends: other.yaml``) of configs.

``metrics+=[f1]`` adds to a list, ``layers.0-=`` takes an entry or a key away.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnfs_cli.config.yaml_reader import MAX_DEPTH, TOO_DEEP, Document, parse, read_file
from nnfs_cli.errors import ConfigError, Location, Problem

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.([A-Za-z_][A-Za-z0-9_]*|[0-9]+))*")
MAX_ANCESTORS = 10
COMMAND_LINE = MAX_ANCESTORS + 10
"""The rank of its keys, above those of all files."""
SHOWN = 60
"""Characters of an override that an error repeats."""


def read_with_ancestors(path: Path, descendants: tuple[Path, ...] = ()) -> Document:
    """The file at ``path`` on top of what it ``extends``."""
    document = read_file(path)
    if not isinstance(document.value, dict) or "extends" not in document.value:
        return document
    parent = document.value.pop("extends")
    where = document.where(("extends",))
    descendants = (*descendants, path.resolve())
    if not isinstance(parent, str):
        raise ConfigError([Problem("`extends` expects the path of a YAML file", "", where)])
    parent_path = path.parent / parent
    if not os.path.isfile(parent_path):
        raise ConfigError([Problem(f"`extends` names {parent_path}, which is no file", "", where)])
    if parent_path.resolve() in descendants:
        raise ConfigError([Problem(f"`extends: {parent}` leads round in a circle", "", where)])
    if len(descendants) > MAX_ANCESTORS:
        problem = Problem(f"`extends` leads through more than {MAX_ANCESTORS} files", "", where)
        raise ConfigError([problem])
    inherited = read_with_ancestors(parent_path, descendants)
    if not isinstance(inherited.value, dict):
        raise ConfigError([Problem(f"`extends` names {parent_path}, which has no keys", "", where)])
    return inherit(inherited, document)


def inherit(parent: Document, child: Document) -> Document:
    """The child's values over the parent's: mappings merge, lists and other values replace.

    A mapping whose ``type`` differs from the parent's replaces it whole.
    """
    value = _merge(parent.value, child.value)
    rank = 1 + max(parent.ranks.values(), default=0)
    ranks = parent.ranks | dict.fromkeys(child.keys, rank)
    return Document(value, parent.keys | child.keys, parent.values | child.values, ranks)


@dataclass(frozen=True)
class Override:
    """One word of the command line: sets (``=``), adds to (``+=``) or removes (``-=``)."""

    text: str
    path: Location
    sign: str
    value: Document


def apply_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """The document with each override put in; raises ConfigError naming the bad ones.

    Entries of lists have the numbers that they had before: first all values are set, then lists
    are added to, then entries are removed.
    """
    problems: list[Problem] = []
    given: list[Override] = []
    for text in overrides:
        try:
            override = _parse_override(text)
            _require_agreement(override, given)
            given.append(override)
        except ConfigError as error:
            problems += error.problems
    for override in sorted(given, key=_order):
        try:
            _apply(document, override)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return document


def _order(override: Override) -> tuple[Any, ...]:
    """Whatever replaces a whole comes before what changes a part of it.

    `layers` before `layers.1.units`, a new `type` before the keys beside it; of the entries to be
    removed the last first.
    """
    path = override.path
    if override.sign == "-":
        return 2, [-part if isinstance(part, int) else 0 for part in path]
    return ("+" in override.sign, len(path), path[-1] != "type")


def _require_agreement(override: Override, given: list[Override]) -> None:
    for other in given:
        adds = "+" in (override.sign, other.sign) and "-" not in (override.sign, other.sign)
        if (
            other.path == override.path
            and not adds
            and (other.sign, other.value.value) != (override.sign, override.value.value)
        ):
            hint = "keep one of them"
            raise _problem(override.text, f"disagrees with {_quoted(other.text)}", hint)


def _apply(document: Document, override: Override) -> None:
    path, text, value = override.path, override.text, override.value.value
    if override.sign == "-":
        document.value = _without(document.value, path, text)
        forget(document, path)
        return
    if override.sign == "+":
        value = _extended(document.value, path, value, text)
    document.value = _put(document.value, path, value, text)
    document.ranks[path] = COMMAND_LINE
    new = [path[:n] for n in range(1, len(path)) if path[:n] not in document.values]
    for place in [*new, path, *_below(document, path)]:
        document.keys[place] = document.values[place] = _quoted(text)


def _parse_override(text: str) -> Override:
    key, equals, value = text.partition("=")
    sign = key[-1:] if key[-1:] in ("+", "-") else ""
    key = key.removesuffix(sign)
    if not equals or not KEY.fullmatch(key):
        raise _problem(text, "is not an override", "write key=value, such as optimizer.lr=3e-3")
    path = tuple(int(part) if part.isdecimal() else part for part in key.split("."))
    if len(path) > MAX_DEPTH:
        raise _problem(text, f"is {TOO_DEEP}", "shorten the key")
    if sign == "-" and value:
        raise _problem(text, "gives a value to what it removes", f"write {key}-=")
    try:
        return Override(text, path, sign, parse(value, _quoted(text)))
    except ConfigError as error:
        quoted = "'" + value.replace("'", "''") + "'"
        hint = f'a text with signs of YAML takes quotes of its own, such as "{key}={quoted}"'
        raise ConfigError(
            [p if p.hint else Problem(p.message, hint, p.where) for p in error.problems]
        ) from None


def _extended(tree: Any, path: Location, value: Any, text: str) -> list[Any]:
    """The list at ``path``, or an empty one where nothing is, and the new entries behind it."""
    found = tree
    for part in path:
        found = found.get(part) if isinstance(found, dict) else _entry(found, part)
    if found is not None and not isinstance(found, list):
        raise _problem(text, "adds to what is no list", "write = to replace it")
    return [*(found or []), *(value if isinstance(value, list) else [value])]


def _entry(found: Any, part: str | int) -> Any:
    inside = isinstance(found, list) and isinstance(part, int) and part < len(found)
    return found[part] if inside else None


def _without(tree: Any, path: Location, text: str) -> Any:
    """``tree`` without the entry or key at ``path``, which must be there."""
    head, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(head, int) and head < len(tree):
        changed = [_without(tree[head], rest, text)] if rest else []
        return [*tree[:head], *changed, *tree[head + 1 :]]
    if isinstance(tree, dict) and head in tree:
        kept = {key: value for key, value in tree.items() if key != head}
        return kept | ({head: _without(tree[head], rest, text)} if rest else {})
    hint = f"entries are numbered 0 to {len(tree) - 1}" if isinstance(tree, list) else ""
    raise _problem(text, "removes what is not there", hint)


def forget(document: Document, path: Location) -> None:
    """Take a removed entry's places away, and those of later entries one number down."""
    *parent, last = path
    for places in (document.keys, document.values):
        below = [place for place in places if place[: len(parent)] == tuple(parent)]
        for place in [place for place in below if len(place) > len(parent)]:
            number = place[len(parent)]
            if number == last:
                del places[place]
            elif isinstance(number, int) and isinstance(last, int) and number > last:
                moved = (*parent, number - 1, *place[len(path) :])
                places[moved] = places.pop(place)


def _put(tree: Any, path: Location, value: Any, text: str) -> Any:
    """``tree`` with ``value`` at ``path``; bare words become mappings on the way."""
    head, rest = path[0], path[1:]
    if isinstance(tree, str):
        tree = {"type": tree}
    elif tree is None:
        tree = {}
    if isinstance(tree, list):
        if not isinstance(head, int) or head >= len(tree):
            hint = f"entries are numbered 0 to {len(tree) - 1}"
            raise _problem(text, f"names entry {head} of a list of {len(tree)}", hint)
        tree = dict(enumerate(tree))
        tree[head] = _put(tree[head], rest, value, text) if rest else value
        return list(tree.values())
    if not isinstance(tree, dict):
        raise _problem(text, f"asks for {head!r} inside a plain value", "shorten the key")
    if isinstance(head, int) and str(head) in tree:
        head = str(head)
    if isinstance(head, int):
        raise _problem(text, f"asks for entry {head} of what is no list", "name a key instead")
    if head == "type" and not rest and tree.get("type") != value:
        return {"type": value}
    return tree | {head: _put(tree.get(head), rest, value, text) if rest else value}


def _merge(parent: Any, child: Any) -> Any:
    if not isinstance(parent, dict) or not isinstance(child, dict):
        return child
    if "type" in child and child["type"] != parent.get("type"):
        return child
    merged = dict(parent)
    for key, value in child.items():
        older = merged.get(key)
        if isinstance(older, str) and isinstance(value, dict):
            older = {"type": older}
        merged[key] = _merge(older, value)
    return merged


def _below(document: Document, path: Location) -> list[Location]:
    return [place for place in document.values if place[: len(path)] == path and place != path]


def _problem(text: str, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(f"{_quoted(text)} {message}", hint)])


def _quoted(text: str) -> str:
    return f"`{text}`" if len(text) <= SHOWN else f"`{text[: SHOWN - 3]}...`"
