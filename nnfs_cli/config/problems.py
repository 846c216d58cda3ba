"""What is wrong with a config, each fault in one line with its place."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from nnfs_cli.components.component import Component, did_you_mean, nearest
from nnfs_cli.components.fields import expectation, fields_of, is_union
from nnfs_cli.components.other_words import hint_of_ours
from nnfs_cli.config.yaml_reader import Document
from nnfs_cli.errors import Location, Problem
from nnfs_cli.formatting import cut

MISSING = ("missing", "missing_argument")


UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def problems_of(error: ValidationError, root: type, document: Document) -> list[Problem]:
    """Every fault in our own words, once for each place in the document."""
    found: dict[Location, Problem] = {}
    for details in error.errors(include_url=False):
        path = _within(document.value, details)
        if path not in found:
            found[path] = _problem(details, path, root, document)
    return sorted(found.values(), key=lambda problem: _place(problem.where))


def _problem(details: ErrorDetails, path: Location, root: type, document: Document) -> Problem:
    key = ".".join(str(part) for part in path)
    if details["type"] in UNKNOWN:
        known = fields_of(kind_at(root, path[:-1], document.value))
        where = document.where(path, key=True)
        word = str(path[-1])
        hint = hint_of_ours(word, known) or nearest(word, known)
        return Problem(f"unknown key {path[-1]!r}", hint, where)
    if details["type"] in MISSING:
        field = _field_at(root, path, document.value)
        hint = f"it expects {expectation(field)}" if field else ""
        return Problem(f"`{key}` is missing", hint, document.where(path[:-1]))
    if details["type"] in ("component", "value_error"):
        text = details["msg"].removeprefix("Value error, ")
        message, _, hint = text.partition("; ")
        return Problem(f"`{key}`: {message}", hint, document.where(path))
    field = _field_at(root, path, document.value)
    expected = expectation(field) if field else details["msg"]
    hint = _nearest_literal(field, details["input"])
    message = f"`{key}` expects {expected}, received {_short(details['input'])}"
    return Problem(message, hint, document.where(path))


def _place(where: str) -> tuple[str, int, int]:
    """File, line and column, to sort by; overrides come first, as they stand."""
    file, *numbers = where.rsplit(":", 2)
    if len(numbers) == 2 and all(number.isdecimal() for number in numbers):
        return file, int(numbers[0]), int(numbers[1])
    return "", 0, 0


def _within(tree: Any, details: ErrorDetails) -> Location:
    """The error's path without the branch names that pydantic adds for unions."""
    path: list[str | int] = []
    for part in details["loc"]:
        inside = isinstance(tree, dict) and part in tree
        inside = inside or (isinstance(tree, list) and isinstance(part, int))
        if not inside and details["type"] not in (*MISSING, *UNKNOWN):
            break
        path.append(part)
        tree = tree[part] if inside else None
    return tuple(path)


def kind_at(root: type, path: Location, value: Any) -> type:
    """The class whose keys stand at ``path``, following the types that the document chose."""
    kind: Any = root
    for part in path:
        if isinstance(value, list):
            value = value[part] if isinstance(part, int) and part < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
        if isinstance(part, str):
            field = fields_of(kind).get(part)
            kind = field.annotation if field else object
        kind = _chosen(kind, value)
    return kind if isinstance(kind, type) else object


def _chosen(annotation: Any, value: Any) -> Any:
    """The branch of an annotation that a value takes: a union's class, a list's item, a member."""
    options = get_args(annotation) if is_union(annotation) else (annotation,)
    for option in options:
        if get_origin(option) is list and not isinstance(value, list):
            return _chosen(get_args(option)[0], value)
        if isinstance(option, type) and issubclass(option, Component):
            word = value.get("type") if isinstance(value, dict) else value
            return (isinstance(word, str) and option.find(word)) or object
        if isinstance(option, type) and fields_of(option):
            return option
    return options[0]


def _field_at(root: type, path: Location, value: Any) -> FieldInfo | None:
    if not path:
        return None
    if isinstance(path[-1], int):
        return _field_at(root, path[:-1], value)
    return fields_of(kind_at(root, path[:-1], value)).get(path[-1])


def _nearest_literal(field: FieldInfo | None, value: Any) -> str:
    options = get_args(field.annotation) if field and is_union(field.annotation) else ()
    for option in options or ((field.annotation,) if field else ()):
        if get_origin(option) is Literal and isinstance(value, str):
            return did_you_mean(value, [w for w in get_args(option) if isinstance(w, str)])
    return ""


def _short(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return cut(repr(value), 40)
