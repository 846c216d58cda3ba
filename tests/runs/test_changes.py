"""What ``resume`` changes, in the words of an override."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from nnfs_cli.runs.change import flow


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.001, "0.001"),
        (None, "null"),
        (True, "true"),
        ([], "[]"),
        ([1, 2.5, "a"], "[1, 2.5, a]"),
        ({"type": "step", "at": [3, 6]}, "{type: step, at: [3, 6]}"),
        ([{"type": "dense", "units": 3}, "relu"], "[{type: dense, units: 3}, relu]"),
    ],
)
def test_a_value_on_one_line(value: Any, text: str) -> None:
    assert flow(value) == text
    assert yaml.safe_load(text) == value
