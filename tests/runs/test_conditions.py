"""Conditions on runs against the same conditions written in Python."""

from __future__ import annotations

from typing import Any

import pytest

from nnfs_cli.errors import UsageError
from nnfs_cli.runs.conditions import condition

RUN: dict[str, Any] = {
    "status": "finished", "optimizer.lr": 0.01, "epochs": 10, "tags": ["a", "best"], "none": [],
    "use_bias": True, "clip": None, "text": "1e-2", "nan": float("nan"), "data": "mnist",
}  # fmt: skip
DIGITS = "9" * 6000
"""More than any number of a config has."""
HOLD = [
    "status=finished", "status==finished", "status = finished", "status!=running", "status=fin*",
    "optimizer.lr>1e-3", "optimizer.lr>=0.01", "optimizer.lr<=1e-2", "optimizer.lr=1e-2",
    "optimizer.lr!=0.1", "epochs=10.0", "epochs<11", "tags=best", "tags!=worst", "none=",
    "tags=b*", "use_bias=true", "clip=null", "text=0.01", "data!=", "none!=a", "nan!=1",
]  # fmt: skip
FAIL = [
    "status=running", "status!=finished", "status>3", "optimizer.lr>0.01", "optimizer.lr<1e-2",
    "optimizer.lr=0.02", "absent=1", "absent!=1", "tags=worst", "tags!=a", "use_bias=1",
    "clip=0", "nan>0", "nan<0", "nan=1", "data=MNIST", "use_bias=false", "status=finish",
    f"use_bias={DIGITS}", f"epochs={DIGITS}", f"text={DIGITS}",
]  # fmt: skip


@pytest.mark.parametrize("text", HOLD)
def test_what_holds(text: str) -> None:
    assert condition(text).holds(RUN)


@pytest.mark.parametrize("text", FAIL)
def test_what_does_not(text: str) -> None:
    assert not condition(text).holds(RUN)


@pytest.mark.parametrize("text", ["status", "", "=1", ">1", "a b=1"])
def test_what_is_no_condition(text: str) -> None:
    with pytest.raises(UsageError, match="a name, a sign and a value"):
        condition(text)


def test_only_numbers_are_larger() -> None:
    with pytest.raises(UsageError, match="expects a number, received 'big'"):
        condition("epochs>big")
