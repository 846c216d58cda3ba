"""Conditions: which runs of many are meant, ``optimizer.lr>1e-3`` or ``status=finished``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from nnfs_cli.config.yaml_scalars import parse_scalar
from nnfs_cli.errors import UsageError

CONDITION = re.compile(r"\s*([^\s=<>!]+)\s*(!=|>=|<=|==|=|>|<)\s*(.*?)\s*")
ORDER: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le,
}  # fmt: skip


@dataclass(frozen=True)
class Condition:
    """A name, a sign, and what stands behind it; a run that has no such value does not meet it."""

    name: str
    sign: str
    text: str

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether a run with these values meets it.

        Numbers are compared as numbers, and only numbers are larger or smaller; a text may be a
        pattern such as ``mnist*``, a list has to have the value.
        """
        if self.name not in values:
            return False
        value = values[self.name]
        if self.sign in ORDER:
            number, own = self._number(self.text), self._number(value)
            return own is not None and number is not None and ORDER[self.sign](own, number)
        return self._is(value) == (self.sign != "!=")

    def _is(self, value: Any) -> bool:
        if isinstance(value, list):
            return any(map(self._is, value)) if value else self.text in ("", "[]")
        own, number = self._number(value), self._number(self.text)
        if own is not None:
            return own == number
        if isinstance(value, str):
            return fnmatchcase(value, self.text)
        return value is _scalar(self.text)

    @staticmethod
    def _number(value: Any) -> float | None:
        if isinstance(value, str):
            value = _scalar(value)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@lru_cache(maxsize=1_000)
def _scalar(text: str) -> Any:
    """What a config would make of the text: a number, true, false, null, or the text."""
    try:
        return parse_scalar(text)
    except ValueError:
        return text


def condition(text: str) -> Condition:
    """The condition that a text is. Raises UsageError."""
    found = CONDITION.fullmatch(text)
    if found is None:
        raise UsageError(
            f"--where expects a name, a sign and a value, received {text!r}",
            "write it as 'optimizer.lr>1e-3' or status=finished, quoted for the shell",
        )
    name, sign, value = found.groups()
    sign = "=" if sign == "==" else sign
    if sign in ORDER and Condition._number(value) is None:
        raise UsageError(f"--where {name}{sign} expects a number, received {value!r}")
    return Condition(name, sign, value)
