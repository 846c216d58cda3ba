"""Fields in words: what a key expects, and what is wrong with what it received."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from nnfs_cli.components.component import Component, with_article

PLAIN_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
COUNTS = {" of length 2": "of two", " of length 3": "of three", " of length 4": "of four"}


@dataclass(frozen=True)
class Words:
    """In an annotation: what to call its values instead of its type, and examples."""

    kind: str
    examples: str


def fields_of(kind: type) -> dict[str, FieldInfo]:
    """The YAML keys of a component class or section."""
    found: dict[str, FieldInfo] = getattr(kind, "__pydantic_fields__", {})
    return found


def expectation(field: FieldInfo) -> str:
    """What a key accepts: ``a whole number from 1 to 100 or 'full'``."""
    limits = _limits(field.metadata)
    return _own_words(field.metadata, limits) or _in_words(field.annotation, limits)


def choices_of(annotation: Any) -> set[str]:
    """The words among which a key chooses: ``{'full'}`` of ``a whole number or 'full'``."""
    if get_origin(annotation) is Literal:
        return {word for word in get_args(annotation) if isinstance(word, str)}
    options = get_args(annotation) if is_union(annotation) else ()
    return {word for option in options for word in choices_of(option)}


def _in_words(annotation: Any, limits: str) -> str:
    if is_union(annotation):
        # Lists last: an `or null` behind them would seem to be about their entries.
        options = sorted(get_args(annotation), key=_is_list)
        return " or ".join(dict.fromkeys(_in_words(option, limits) for option in options))
    if get_origin(annotation) is Literal:
        return " or ".join(repr(word) for word in get_args(annotation))
    if get_origin(annotation) is list:
        entry = _in_words(get_args(annotation)[0], "")
        short = COUNTS.get(limits)
        return f"a list {short}, each {entry}" if short else f"a list{limits}, each entry {entry}"
    if get_origin(annotation) is dict:
        return f"a mapping, each value {_in_words(get_args(annotation)[1], '')}"
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        if own := _own_words(metadata, limits):
            return own
        nested = [item for m in metadata for item in getattr(m, "metadata", [m])]
        return _in_words(inner, _limits(nested) or limits)
    if annotation in (None, type(None)):
        return "null"
    if annotation in PLAIN_WORDS:
        return PLAIN_WORDS[annotation] + ("" if annotation is bool else limits)
    if isinstance(annotation, type) and issubclass(annotation, Component):
        return with_article(annotation.noun)
    return "a mapping"


def _own_words(metadata: Iterable[Any], limits: str) -> str:
    own = (item for item in metadata if isinstance(item, Words))
    return next((f"{words.kind}{limits} such as {words.examples}" for words in own), "")


def _limits(metadata: Iterable[Any]) -> str:
    found: dict[str, Any] = {}
    for item in metadata:
        for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
            if getattr(item, name, None) is not None:
                found[name] = getattr(item, name)
    if "ge" in found and "le" in found:
        return f" from {_number(found['ge'])} to {_number(found['le'])}"
    if "min_length" in found and found["min_length"] == found.get("max_length"):
        return f" of length {_number(found['min_length'])}"
    words = {"ge": "of at least", "gt": "above", "le": "of at most", "lt": "below"}
    words |= {"min_length": "of length at least", "max_length": "of length at most"}
    limits = [f"{words[name]} {_number(found[name])}" for name in words if name in found]
    return " " + " and ".join(limits) if limits else ""


def _number(value: float) -> str:
    whole = value == int(value) and 1 <= abs(value) < 10**9
    return f"{int(value):,}" if whole else f"{value:g}"


def _is_list(annotation: Any) -> bool:
    inner = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return get_origin(inner) in (list, dict)


def is_union(annotation: Any) -> bool:
    """Whether an annotation lists alternatives."""
    return get_origin(annotation) in (Union, types.UnionType)
