"""What a program constructs wrongly, in our own words instead of pydantic's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nnfs_cli.components.renamed import renamed_keys
from nnfs_cli.errors import UsageError


class PlainSpoken(type):
    """A class whose constructor raises UsageError instead of pydantic's ValidationError."""

    if not TYPE_CHECKING:  # type checkers look at the constructors themselves

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            """An instance."""
            try:
                return super().__call__(*args, **kwargs)
            except ValidationError as error:
                name = getattr(cls, "word", cls.__name__)
                keys = [field.name for field in fields(cls) if not field.kw_only]
                raise UsageError(in_words(name, error, keys, renamed_keys(cls))) from error


WHOLES = ("list_type", "dict_type", "literal_error")


def _is_branch(part: str | int) -> bool:
    """Whether a part of a path is pydantic's name for a branch of a union.

    Such are ``list[str]`` and ``constrained-int``.
    """
    if not isinstance(part, str):
        return False
    return part.startswith("constrained-") or ("[" in part and part.endswith("]"))


def in_words(
    what: str,
    error: ValidationError,
    keys: Sequence[str] = (),
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Every fault of some values, as far as it can be told without the document they stand in.

    ``keys`` are the names of what was given by position, ``renamed`` those that were renamed.
    """
    faults = []
    errors = error.errors(include_url=False)
    inside = {details["loc"][:1] for details in errors if details["type"] not in WHOLES}
    for details in errors:
        where = [part for part in details["loc"] if not _is_branch(part)]
        if details["type"] in WHOLES and len(where) == 1 and details["loc"][:1] in inside:
            continue  # another branch of the union fits, but for an entry
        if where and isinstance(where[0], int) and where[0] < len(keys):
            where[0] = keys[where[0]]
        place = ".".join(str(part) for part in where)
        message = details["msg"].removeprefix("Input ").removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        if details["type"] == "unexpected_keyword_argument" and place in renamed:
            message = f"is called `{renamed[place]}` now"
        silent = details["type"] in ("component", "missing", "missing_argument")
        received = "" if silent else f", received {details['input']!r:.60}"
        faults.append(f"{what}: " + (f"`{place}` " if place else "") + message + received)
    return "; ".join(faults)
