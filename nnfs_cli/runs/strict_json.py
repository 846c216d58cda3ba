"""JSON that strangers may have edited: of limited size, into typed models, faults in one line."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from nnfs_cli.config.problems import problems_of
from nnfs_cli.config.yaml_reader import MAX_DEPTH, MAX_VALUES, Document

TRUSTED = ConfigDict(strict=True, extra="allow", frozen=True, defer_build=True)
"""How such models are read: no type stands in for another, what later versions add is kept."""
SURROGATE = b"\\ud"
"""How an escape begins that may be half a character: nothing could print or write it again."""

Model = TypeVar("Model", bound=BaseModel)


def parse(content: bytes, max_values: int, max_containers: int) -> Any:
    """The value that ``content`` describes.

    Raises ValueError if it is no JSON, nested too deeply, or has more values, or more lists and
    mappings, than allowed: two bytes of text may take a hundred of memory.
    """
    check_amount(content, max_values, max_containers)
    try:
        value = json.loads(content)
        return printable(value) if SURROGATE in content.lower() else value
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def check_amount(content: bytes, max_values: int, max_containers: int) -> None:
    """Raise ValueError if the text describes more than :func:`parse` would read."""
    containers = content.count(b"[") + content.count(b"{")
    if containers > max_containers or content.count(b",") > max_values:
        raise ValueError(
            f"more than {max_values:,} values or {max_containers:,} lists and mappings"
        )


def printable(value: Any) -> Any:
    """Plain data with a question mark for each half of a character, as names on disk may have."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def modest(config: Any) -> Any:
    """A config, or a part of one, with no more in it than one that was read from a file."""
    values, level = 0, [config]
    for _ in range(MAX_DEPTH + 2):
        values += len(level)
        level = [
            child
            for item in level
            for child in (
                item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
            )
        ]
        if values > 2 * MAX_VALUES:
            break
        if not level:
            return config
    raise ValueError("is larger or nested deeper than any config")


def parsed(model: type[Model], content: bytes, max_values: int, max_containers: int) -> Model:
    """What ``content`` describes as a ``model``. Raises ValueError, in a line, as :func:`parse`
    and :func:`checked` do."""
    check_amount(content, max_values, max_containers)
    try:
        return model.model_validate_json(content)
    except ValidationError:  # in whose words no user reads it; or half a character, which is mended
        return checked(model, parse(content, max_values, max_containers))


def checked(model: type[Model], value: Any) -> Model:
    """The value as a ``model``. Raises ValueError with its first fault in words."""
    if not isinstance(value, dict):
        raise ValueError("not a mapping")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ValueError(problems_of(error, model, Document(value))[0].message) from None
