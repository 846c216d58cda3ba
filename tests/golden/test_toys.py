"""A toy data set's seed gives the points that it always gave."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.golden.make_toys import FILE, TOYS, drawn


@pytest.mark.parametrize("word", TOYS)
def test_the_points_are_those_of_earlier_versions(word: str) -> None:
    expected = json.loads(FILE.read_text())[word]
    found = drawn(word)
    assert found.keys() == expected.keys()
    for name, rows in expected.items():
        np.testing.assert_allclose(found[name], rows, rtol=1e-6, atol=1e-6, err_msg=name)
