"""Strict YAML: a small, safe subset with a place for every value, and all errors at once.

Scalars follow YAML 1.2's core schema: ``1e-3`` is a number, ``010`` is ten, ``no`` is a word.
Aliases and merge keys (``<<``) are expanded. Duplicate keys and tags are refused, and so is
whatever could blow up: files above 256 KiB, more than 5,000 values once expanded, nesting deeper
than 40.
"""

from __future__ import annotations

import copy
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from nnfs_cli.config.missing_file import instead_of
from nnfs_cli.config.places import Anchored, inside, merge, put_below
from nnfs_cli.config.yaml_scalars import FLOAT, INTEGER, PREFIXED, WORDS, parse_scalar
from nnfs_cli.errors import ConfigError, Location, Problem

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
MAX_VALUES = 5_000
MERGE = "<<"
ESCAPE = re.compile(r"escape|hexa?decimal")
BACKSLASH = "between double quotes a backslash begins an escape: use single quotes, or / in a path"


@dataclass
class Document:
    """A parsed value, and for each path in it where its key and its value were written.

    ``ranks`` are of keys that overrule those of lower ones; ``notes`` are to be shown.
    """

    value: Any
    keys: dict[Location, str] = field(default_factory=dict)
    values: dict[Location, str] = field(default_factory=dict)
    ranks: dict[Location, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def where(self, path: Location, key: bool = False) -> str:
        """``file:line:column`` of the value at ``path`` (or its key), or of what encloses it."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, "")


def read_file(path: Path) -> Document:
    """Parse a YAML file. Raises ConfigError."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise _error(f"cannot read {path}: {reason}", instead_of(path)) from None
    if len(content) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1024} KiB"
        raise _error(f"{path} is larger than {limit}", "is it really a config?")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start + 1}"
        raise _error(f"{path} is not UTF-8 text ({place})", "save it as UTF-8") from None
    return parse(text, str(path))


def _open_at_once(path: str, flags: int) -> int:
    """Open without blocking: a pipe that has no writer is read as empty."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if os.name != "nt":
        os.set_blocking(descriptor, True)
    return descriptor


def parse(text: str, name: str) -> Document:
    """Parse YAML text; ``name`` stands before the line and column of every problem."""
    parser = _Parser(name)
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ConfigError([Problem("not UTF-8 text", "write it as UTF-8", name)])
    try:
        document = parser.parse(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        reason = f"not valid YAML: {error.problem or error.context}"
        hint = "indent with spaces" if mark and _is_tab(text, mark) else ""
        if ESCAPE.search(reason):
            hint = BACKSLASH
        if "nesting depth" in reason:  # PyYAML reads ahead, and since 6.0.4 has a limit of its own
            reason = TOO_DEEP
        problem = Problem(reason, hint, where)
        raise ConfigError([*parser.problems, problem]) from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        place = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\U0010ffff]", text)
        line = text.count("\n", 0, place.start()) + 1 if place else 1
        raise ConfigError([Problem(f"not valid YAML: {reason}", "", f"{name}:{line}")]) from None
    if parser.problems:
        raise ConfigError(parser.problems)
    return document


def to_yaml(value: Any) -> str:
    """Plain data as YAML text that :func:`parse` reads back unchanged."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def scalar_to_yaml(value: str | int | float | bool | None) -> str:
    """A scalar as one line of YAML, to be put into a text written by hand."""
    text = _dump_scalar(value, None)
    return text if "\n" not in text else _dump_scalar(value, '"')


class _Dumper(yaml.SafeDumper):
    """Quotes what :func:`parse` would not read back as text; writes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        number = PREFIXED.fullmatch(data) or INTEGER.fullmatch(data) or FLOAT.fullmatch(data)
        quote = "'" if number or data in WORDS else None
        if not data.replace("\n", "").isprintable():
            quote = '"'  # with escapes: other marks would lose carriage returns and their kin
        return self.represent_scalar("tag:yaml.org,2002:str", data, quote)


_Dumper.add_representer(str, _Dumper.represent_str)


def _dump_scalar(value: Any, style: str | None) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, allow_unicode=True, width=math.inf, default_style=style
    )
    return text.removesuffix("\n").removesuffix("\n...")


class _Parser:
    """Builds a Document from the stream of YAML events, collecting problems as it goes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.problems: list[Problem] = []
        self.document = Document(None)
        self.anchors: dict[str, Anchored] = {}

    def parse(self, text: str) -> Document:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        events = yaml.parse(text, Loader=loader)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                break
        else:
            self.document.values[()] = f"{self.name}:1:1"
            return self.document
        self.document.value = self._node(next(events), events, ())
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._problem(event, "a second document (`---`)", "keep one document a file")
                break
        return self.document

    def _node(self, event: Any, events: Iterator[Any], path: Location) -> Any:
        self.document.values.setdefault(path, self._mark(event))
        self._count(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if event.anchor is None:
            return self._content(event, events, path)
        keys, values = self.document.keys, self.document.values
        before = len(keys), len(values)
        value = self._content(event, events, path)
        self.anchors[event.anchor] = Anchored(
            value, inside(keys, path, before[0]), inside(values, path, before[1])
        )
        return value

    def _count(self, event: Any, more: int = 0) -> None:
        if len(self.document.values) + more > MAX_VALUES:
            raise ConfigError([Problem(f"more than {MAX_VALUES:,} values", "", self._mark(event))])

    def _alias(self, event: Any, path: Location) -> Any:
        """The anchored value again; what is inside it keeps the places where it was written."""
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            self._problem(event, f"alias *{event.anchor} has no anchor before it", "")
            return None
        self._count(event, len(anchored.values))
        if len(path) + anchored.depth > MAX_DEPTH:
            raise ConfigError([Problem(TOO_DEEP, "", self._mark(event))])
        put_below(self.document.keys, path, anchored.keys)
        put_below(self.document.values, path, anchored.values)
        return copy.deepcopy(anchored.value)

    def _content(self, event: Any, events: Iterator[Any], path: Location) -> Any:
        self._refuse_tag(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if len(path) >= MAX_DEPTH:
            raise ConfigError([Problem(TOO_DEEP, "", self._mark(event))])
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _sequence(self, events: Iterator[Any], path: Location) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[Any], path: Location) -> dict[str, Any]:
        items: dict[str, Any] = {}
        merged: Any = None
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                problem = Problem("a key must be a word", "", self._mark(event))
                raise ConfigError([*self.problems, problem])
            self._refuse_tag(event)
            key, mark = event.value, self._mark(event)
            first = self.document.keys.setdefault((*path, key), mark)
            if first != mark:
                self._problem(event, f"duplicate key {key!r}", f"it is already at {first}")
            value = self._node(next(events), events, (*path, key))
            if key == MERGE and event.implicit[0]:
                merged = self._mergeable(event, value)
            else:
                items.setdefault(key, value)
        return items if merged is None else self._merged(items, merged, path)

    def _mergeable(self, event: Any, value: Any) -> Any:
        """The value of a merge key: a mapping, or a list of some."""
        if all(isinstance(each, dict) for each in (value if isinstance(value, list) else [value])):
            return value
        self._problem(event, "<< merges mappings alone", "write `<<: *anchor` of a mapping")
        return {}

    def _merged(self, items: dict[str, Any], merged: Any, path: Location) -> dict[str, Any]:
        """The mapping's own keys, then those that it merges; of several the first has it."""
        sources = enumerate(merged) if isinstance(merged, list) else [(None, merged)]
        taken: dict[str, Location] = {}
        for number, mapping in sources:
            for key, value in mapping.items():
                if key not in items:
                    items[key] = value
                    taken[key] = (key,) if number is None else (number, key)
        for places in (self.document.keys, self.document.values):
            merge(places, path, MERGE, taken)
        return items

    def _scalar(self, event: Any) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return parse_scalar(event.value)
        except ValueError:
            self._problem(event, "a number with too many digits", "write it as 1e3, say")
            return None

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            self._problem(event, f"tag {event.tag!r} is not allowed", "write a plain value")

    def _problem(self, event: Any, message: str, hint: str) -> None:
        self.problems.append(Problem(message, hint, self._mark(event)))

    def _mark(self, event: Any) -> str:
        return f"{self.name}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"


def _is_tab(text: str, mark: Any) -> bool:
    return any(line[mark.column :][:1] == "\t" for line in text.splitlines()[mark.line :][:1])


def _error(message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(message, hint)])
