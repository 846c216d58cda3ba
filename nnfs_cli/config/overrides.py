"""Overrides (``optimizer.lr=3e-3``) and inheritance (``extends: other.yaml``) of configs."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnfs_cli.config.yaml_reader import MAX_DEPTH, TOO_DEEP, Document, parse, read_file
from nnfs_cli.errors import ConfigError, Location, Problem

KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.([A-Za-z_][A-Za-z0-9_]*|[0-9]+))*")
MAX_ANCESTORS = 10
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
    return Document(value, parent.keys | child.keys, parent.values | child.values)


def apply_overrides(document: Document, overrides: Sequence[str]) -> Document:
    """The document with each ``path=value`` put in; raises ConfigError naming the bad ones."""
    problems: list[Problem] = []
    parsed: dict[Location, tuple[str, Document]] = {}
    for text in overrides:
        try:
            path, value = _parse_override(text)
            if path in parsed and parsed[path][1].value != value.value:
                other = _quoted(parsed[path][0])
                raise _problem(text, f"disagrees with {other}", "keep one of them")
            parsed[path] = text, value
        except ConfigError as error:
            problems += error.problems
    # Whatever replaces a whole comes before what changes a part of it: `layers` before
    # `layers.1.units`, and a new `type` before the keys beside it.
    for path in sorted(parsed, key=lambda path: (len(path), path[-1] != "type")):
        text, value = parsed[path]
        try:
            document.value = _put(document.value, path, value.value, text)
        except ConfigError as error:
            problems += error.problems
        document.overridden.add(path)
        new = [path[:n] for n in range(1, len(path)) if path[:n] not in document.values]
        for place in [*new, path, *_below(document, path)]:
            document.keys[place] = document.values[place] = _quoted(text)
    if problems:
        raise ConfigError(problems)
    return document


def _parse_override(text: str) -> tuple[Location, Document]:
    key, equals, value = text.partition("=")
    if not equals or not KEY.fullmatch(key):
        raise _problem(text, "is not an override", "write key=value, such as optimizer.lr=3e-3")
    path = tuple(int(part) if part.isdecimal() else part for part in key.split("."))
    if len(path) > MAX_DEPTH:
        raise _problem(text, f"is {TOO_DEEP}", "shorten the key")
    return path, parse(value, _quoted(text))


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
