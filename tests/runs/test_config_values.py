"""The values of configs, read line by line, against each config validated by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import parse, to_yaml
from nnfs_cli.errors import DataError
from nnfs_cli.runs.config_values import ConfigValues, differing, same
from nnfs_cli.runs.run import Run

CONFIG = """\
name: {name}
seed: {seed}
data: {{type: csv, path: {path}, target: y, ignore: [a, b]}}
layers: [{{type: dense, units: {units}, activation: relu}}, {{type: dense, units: 2}}]
loss: cross_entropy
optimizer: {{type: adam, lr: {lr}}}
metrics: [accuracy]
"""


def written(folder: Path, text: str) -> Run:
    folder.mkdir()
    (folder / "config.yaml").write_text(text, "utf-8")
    return Run(folder)


def at(described: Any, key: str) -> Any:
    for part in key.split("."):
        described = described[int(part) if isinstance(described, list) else part]
    return described


LONG = "a long path with blanks " * 8 + "t.csv"
CASES = [
    {"name": "a", "seed": 0, "path": "t.csv", "units": 8, "lr": 0.01},
    {"name": "b", "seed": 1, "path": "t.csv", "units": 8, "lr": 1},
    {"name": "'007'", "seed": 2, "path": '"a: b #c.csv"', "units": 16, "lr": 1e-5},
    {"name": "'null'", "seed": 2, "path": LONG, "units": 16, "lr": 1e-5},
    {"name": "c", "seed": 3, "path": LONG.replace("long", "wide"), "units": 4, "lr": 2.5},
    {"name": "c", "seed": 3, "path": LONG.replace("t.csv", "u.csv"), "units": 4, "lr": 2.5},
    {"name": "c", "seed": 3, "path": '"x\\ny.csv"', "units": 4, "lr": 2.5},
    {"name": "c", "seed": 3, "path": '"- x"', "units": 4, "lr": 2.5},
]


def test_every_value_is_the_configs(tmp_path: Path) -> None:
    reader = ConfigValues()
    for number, case in enumerate(CASES + CASES[::-1]):
        described = validate(parse(CONFIG.format(**case), "")).described()
        values = reader.of(written(tmp_path / str(number), to_yaml(described)))
        assert values["optimizer.lr"] == case["lr"]
        assert values["layers.0.activation.type"] == "relu"
        for key, value in values.items():
            assert same(value, at(described, key)), key
    assert sum(map(len, reader._known.values())) == 1, "those in plain lines are validated once"


def test_values_of_an_earlier_version_have_todays_names(tmp_path: Path) -> None:
    """A key that was renamed is read from each config, and one that was not yet there is known."""
    old = "data: {type: moons, samples: 60}\nlayers: [{type: dense, units: 2}]\n"
    old += "loss: cross_entropy\noptimizer:\n  type: sgd\n  lr: %s\n"
    reader = ConfigValues()
    for number, lr in enumerate(("0.5", "0.25  # mine")):
        values = reader.of(written(tmp_path / str(number), old % lr))
        assert values["optimizer.lr"] == float(lr.split()[0])
        assert values["train.batch_size"] == 64


def test_a_renamed_key(tmp_path: Path) -> None:
    text = "data: {type: moons, samples: 60}\nlayers: [{type: dense, units: 2}]\n"
    text += "loss: cross_entropy\noptimizer: sgd\nschedule:\n  type: one_cycle\n  rise: %s\n"
    reader = ConfigValues()
    for number, value in enumerate((0.25, 0.125)):
        values = reader.of(written(tmp_path / str(number), text % value))
        assert values["schedule.pct_start"] == value


def test_lines_without_a_plain_key_are_read_as_they_are(tmp_path: Path) -> None:
    """Weights of classes, whose keys may be any text, and a mapping where another has none."""
    text = "data: moons\nlayers:\n- type: of_a_plugin\n  weights:\n    'a b': %s\n  more: %s\n"
    reader = ConfigValues()
    for number, (weight, more, found) in enumerate(
        [(1, 2, 2), (1, 3, 3), (2, 3, 3), (1, "{x: 4}", None), (1, "'", None), (1, 5, 5)]
    ):
        run = written(tmp_path / str(number), text % (weight, more))
        if more == "'":
            with pytest.raises(DataError):
                reader.of(run)
            continue
        values = reader.of(run)
        assert values["layers.0.weights.a b"] == weight
        assert values.get("layers.0.more") == found
        assert values.get("layers.0.more.x") == (None if found else 4)


def test_what_no_version_here_knows_is_read_as_it_is(tmp_path: Path) -> None:
    text = "data: moons\nlayers:\n- {type: of_a_plugin}\noptimizer:\n  lr: 0.5\n"
    assert ConfigValues().of(written(tmp_path / "a", text))["optimizer.lr"] == 0.5
    with pytest.raises(DataError, match="config of run b"):
        ConfigValues().of(written(tmp_path / "b", "a: {"))


def test_what_only_one_config_has_differs_if_it_is_no_default(tmp_path: Path) -> None:
    """Beside the type of a layer, its keys at their defaults tell nothing."""
    layers = ("dense, units: 3", "conv2d, filters: 2, kernel_size: 1")
    text = "data: digits\nlayers: [{type: %s}, flatten, {type: dense, units: 10}]\n"
    text += "loss: cross_entropy\noptimizer: sgd\n"
    reader = ConfigValues()
    both = [reader.of(written(tmp_path / str(n), text % each)) for n, each in enumerate(layers)]
    keys = ["layers.0.type", "layers.0.units", "layers.0.filters", "layers.0.kernel_size"]
    assert differing(both, reader.defaults) == keys
    assert {*keys, "layers.0.padding", "layers.0.strides"} <= {*differing(both)}


def test_differing() -> None:
    configs = [{"a": 1, "b": 1, "c": True}, {"a": 1.0, "b": 2, "c": 1}, {"a": 1, "b": 1, "d": 0}]
    assert differing(configs) == ["b", "c", "d"]
    assert differing(configs[:1]) == differing([]) == []
