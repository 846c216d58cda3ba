"""The grid of a command line: what is an axis, and what is refused."""

from __future__ import annotations

import itertools

import pytest
import yaml

from nnfs_cli.errors import ConfigError
from nnfs_cli.sweeps.grid import divided, grid_of


def test_every_combination_the_last_axis_fastest() -> None:
    grid = grid_of(["optimizer.lr=1e-2,1e-3", "train.epochs=3", "seed=0..2"])
    assert grid.keys == ["optimizer.lr", "seed"]
    assert grid.overrides == ("train.epochs=3",)
    assert len(grid) == 6
    assert [*grid.points()] == [*itertools.product(["1e-2", "1e-3"], ["0", "1", "2"])]


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("seed=-1..1", ("-1", "0", "1")),
        ("seed=1,5..7", ("1", "5", "6", "7")),
        ("layers.0=[1,2],[3,4]", ("[1,2]", "[3,4]")),
        ("schedule=cosine,{type: step, every: 2}", ("cosine", "{type: step, every: 2}")),
        ("name='a,b',c", ("'a,b'", "c")),
        ('name="a\\",b",c', ('"a\\",b"', "c")),
        ("name='it''s,',b", ("'it''s,'", "b")),
        ("name=don't,won't", ("don't", "won't")),
        ("x=f(1,2),g(3,4)", ("f(1,2)", "g(3,4)")),
        ("x={a: 'b]', c: d},e", ("{a: 'b]', c: d}", "e")),
        ("x= a , b ", ("a", "b")),
        ("metrics+=f1,mae", ("f1", "mae")),
    ],
)
def test_values(word: str, values: tuple[str, ...]) -> None:
    (axis,) = grid_of([word]).axes
    assert axis.values == values
    assert axis.key == word.partition("=")[0]


@pytest.mark.parametrize(
    "word", ["seed=3", "data.path=../x", "x=[1,2]", "metrics-=", "name=", "x='1..3'", "x=a..b"]
)
def test_a_single_value_is_an_override(word: str) -> None:
    assert grid_of([word]).overrides == (word,)
    assert len(grid_of([word])) == 1


def test_a_range_of_one_is_its_number() -> None:
    assert grid_of(["seed=3..3"]).overrides == ("seed=3",)


def test_parts_are_those_of_a_yaml_list() -> None:
    """Between brackets, YAML itself divides the same text in the same places."""
    for text in ("1,2", "a, 'b,c', d", "[1,2], {a: [3,4]}, x", '"a,\\"b", c', "'it''s,', b, don't"):
        assert [yaml.safe_load(part) for part in divided(text)] == yaml.safe_load(f"[{text}]")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["seed=4..0"], "has an empty range; write 0..4"),
        (["seed=1,1"], "has the value 1 twice"),
        (["optimizer.lr=1e-2,0.01"], "has the value 0.01 twice"),
        (["seed=0..3,2"], "has the value 2 twice"),
        (["seed=1,,2"], "has commas without a value"),
        (["seed=1,2,"], "has commas without a value"),
        (["seed=,"], "has commas without a value"),
        (["seed=0..10000"], "has more than 10,000 values"),
        (["seed=0..99999999999999"], "has more than 10,000 values"),
        (["seed=0..999", "optimizer.lr=" + ",".join(map(str, range(1, 12)))], "11,000 trials"),
        (["seed=1,2", "seed=3,4"], "varies a key for the second time"),
        (["seed=1,2", "seed=3"], "sets a key that another word varies"),
        (["x=[1,2,[3"], ""),
    ],
)
def test_what_is_refused(words: list[str], told: str) -> None:
    if not told:  # no axis: it is an override that does not parse, which the config's reader says
        assert grid_of(words).axes == ()
        return
    with pytest.raises(ConfigError) as raised:
        grid_of(words)
    assert len(raised.value.problems) == 1
    assert told in str(raised.value)


def test_all_faults_at_once() -> None:
    with pytest.raises(ConfigError) as raised:
        grid_of(["seed=4..0", "optimizer.lr=1,,2", "x=1,1"])
    assert len(raised.value.problems) == 3
