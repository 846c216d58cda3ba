"""Every limit of every config field, as one text: a moved bound shows as one changed line.

Written anew by ``python -m tests.config.test_limits``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.components.component import Component
from nnfs_cli.components.described import describe
from nnfs_cli.components.fields import expectation, fields_of
from nnfs_cli.components.registry import FOLDERS, registry
from nnfs_cli.config import config
from nnfs_cli.errors import UsageError

SNAPSHOT = Path(__file__).parents[1] / "golden" / "limits.txt"
SECTIONS = [config.Config, config.Train, config.EarlyStopping, config.Checkpoint]


def own_members() -> Iterator[tuple[str, type[Component]]]:
    """The components that come with the package, each once, sorted."""
    for family in FOLDERS:
        members = {c.word: c for c in registry()[family].values()}
        for word, member in sorted(members.items()):
            if member.__module__.startswith("nnfs_cli."):
                yield f"{family} {word}", member


def lines() -> Iterator[str]:
    sections = [(kind.__name__.lower(), kind) for kind in SECTIONS]
    for name, kind in [*sections, *own_members()]:
        for key, field in fields_of(kind).items():
            bounds = [
                f" {bound} {getattr(limit, bound)!r}"
                for limit in field.metadata
                for bound in ("ge", "gt", "le", "lt")
                if getattr(limit, bound, None) is not None
            ]
            default = "required" if field.is_required() else f"default {field.default!r}"
            yield f"{name}.{key}: {expectation(field)};{''.join(bounds)} {default}"


def test_the_limits_are_those_on_record() -> None:
    assert list(lines()) == SNAPSHOT.read_text("utf-8").splitlines()


NUMBERS = [
    (name, member, key)
    for name, member in own_members()
    for key, field in fields_of(member).items()
    if field.annotation in (float, float | None, int | float)
]


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")], ids=str)
@pytest.mark.parametrize(
    ("name", "member", "key"), NUMBERS, ids=[f"{n}.{k}" for n, _, k in NUMBERS]
)
def test_no_number_is_infinite_or_undefined(
    name: str, member: type[Component], key: str, number: float
) -> None:
    given: dict[str, Any] = {"type": member.word, key: number}
    with pytest.raises(UsageError, match=f"`{key}"):
        describe(member.given(given))


HARMLESS = {"min_delta"}
"""What only says when to stop or to lower the rate."""


@pytest.mark.parametrize(
    ("name", "member", "key"), NUMBERS, ids=[f"{n}.{k}" for n, _, k in NUMBERS]
)
def test_every_number_has_limits_that_float32_can_hold(
    name: str, member: type[Component], key: str
) -> None:
    if key in HARMLESS:
        return
    for number in (1e300, -1e300, 1e39, -1e39):
        with pytest.raises(UsageError, match=f"`{key}"):
            describe(member.given({"type": member.word, key: number}))


if __name__ == "__main__":
    SNAPSHOT.write_text("\n".join(lines()) + "\n", "utf-8")
