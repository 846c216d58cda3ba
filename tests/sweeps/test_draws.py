"""Random trials: within their ranges, spread as they say, the same for the same words."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.errors import ConfigError
from nnfs_cli.sweeps.draws import draws_of, require_no_ranges

WORDS = ["a=log(1e-4,1e-1)", "b=int(16,256)", "c=choice(adam,{type: sgd, lr: 1})", "d=1,2", "e=5"]


def test_the_same_words_give_the_same_trials() -> None:
    points = draws_of(WORDS).points(20, 3)
    assert points == draws_of(WORDS).points(20, 3)
    assert points[:7] == draws_of(WORDS).points(7, 3)
    assert points != draws_of(WORDS).points(20, 4)
    assert len({*points}) == 20
    assert draws_of(WORDS).keys == ["a", "b", "c", "d"]
    assert draws_of(WORDS).overrides == ("e=5",)


def test_draws_are_spread_as_they_say() -> None:
    points = draws_of([*WORDS, "f=uniform(-1,3)"]).points(4_000, 0)
    columns = zip(*points, strict=True)
    a, b, c, f, d = ([parse(value, "").value for value in each] for each in columns)
    assert min(a) >= 1e-4
    assert max(a) <= 1e-1
    shares = np.histogram(np.log10(a), bins=[-4, -3, -2, -1])[0] / 4_000
    assert shares == pytest.approx([1 / 3] * 3, abs=0.03)
    assert (min(b), max(b)) == (16, 256)
    assert np.mean(b) == pytest.approx(136, abs=4)
    assert sum(value == "adam" for value in c) / 4_000 == pytest.approx(0.5, abs=0.03)
    assert {str(value) for value in c} == {"adam", "{'type': 'sgd', 'lr': 1}"}
    assert {*d} == {1, 2}
    assert (np.mean(f), np.std(f)) == pytest.approx((1, 4 / 12**0.5), abs=0.06)
    assert -1 <= min(f) < max(f) <= 3


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["a=log(0,1)"], "has no logarithm"),
        (["a=log(1,0.1)"], "has an empty range"),
        (["a=int(5,5)"], "has an empty range"),
        ([f"a=int(-{10**30},5)"], "has too large a number"),
        (["a=log(1e-300,1e300)"], "has too large a number"),
        (["a=int(1.5,2)"], "expects two whole numbers"),
        (["a=log(1)"], "expects two numbers"),
        (["a=uniform(1,2,3)"], "expects two numbers"),
        (["a=log(1,inf)"], "has an empty range"),
        (["a=log(nan,1)"], "has an empty range"),
        (["a=choice(x)"], "offers no choice"),
        (["a=choice(x,)"], "offers no choice"),
        (["a=choice(1,x,1.0e0,01)"], "has the value 01 twice"),
        (["a=log(1,2)", "a=log(3,4)"], "varies a key for the second time"),
        (["a=log(1,2)", "a=1,2"], "varies a key for the second time"),
        (["a=log(1,2)", "a=3"], "sets a key that another word varies"),
        (["a=3"], "there is no range to draw trials from"),
        ([], "there is no range to draw trials from"),
    ],
)
def test_what_is_refused(words: list[str], told: str) -> None:
    with pytest.raises(ConfigError) as raised:
        draws_of(words)
    assert told in str(raised.value)
    assert len(raised.value.problems) == 1


def test_more_trials_than_there_are() -> None:
    assert len(draws_of(["a=int(1,3)", "b=1,2"]).points(6, 0)) == 6
    with pytest.raises(ConfigError, match="only some 6 combinations"):
        draws_of(["a=int(1,3)", "b=1,2"]).points(7, 0)


def test_a_range_without_random() -> None:
    with pytest.raises(ConfigError, match="add --random N"):
        require_no_ranges(["a=log(1,2)"])
    require_no_ranges(["a=1,2", "b=f(1,2)"])
