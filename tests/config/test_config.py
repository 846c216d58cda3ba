"""Configs: what is wrong is said at its place, all at once; what is right is a fixed point."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.config.config import Config, load_config, require_readable, validate
from nnfs_cli.config.overrides import apply_overrides
from nnfs_cli.config.yaml_reader import Document, parse, read_file, scalar_to_yaml, to_yaml
from nnfs_cli.errors import ConfigError

RECIPES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
SEED = "`seed` expects a whole number of at least 0 and below 9.22337e+18, received "
UNITS = "units` expects a whole number from 1 to 1,000,000, received "
MAX_TIME = "`train.max_time` expects a duration above 0 such as 90s, 5m or 1h30m or null"
LR = "`optimizer.lr` expects a number above 0 and of at most 1,000,000, received "
NAME = "`name` expects text of length at most 100 or null, received "
DENSE = "{type: dense, units: 2}"
BASE = """\
data: xor
layers: [{type: dense, units: 2}]
loss: mse
optimizer: {type: sgd, lr: 1}
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        validate(parse(text, "c.yaml"))
    assert caught.value.code == 2
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_the_resolved_config_is_a_fixed_point(recipe: Path) -> None:
    config, _ = load_config(recipe)
    resolved = to_yaml(config.described())
    again = validate(parse(resolved, "resolved"))
    assert to_yaml(again.described()) == resolved
    assert again.name == config.name
    assert recipe.read_text().startswith("# ")


def test_every_default_is_written_out() -> None:
    described = validate(parse(BASE, "c")).described()
    assert list(described) == list(Config.model_fields)
    assert described["schedule"] == {"type": "constant", "warmup": 0}
    assert described["train"]["checkpoint"] == {
        "monitor": None,
        "every_epochs": 1,
        "every_seconds": 30.0,
    }
    assert described["layers"][0]["bias_initializer"]["type"] == "zeros"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        # unknown keys
        ("epochs: 3", "c.yaml:5:1: unknown key 'epochs'; it is train.epochs"),
        ("zzz: 3", "c.yaml:5:1: unknown key 'zzz'; known are data, init_from, layers, "),
        ("optimiser: adam", "c.yaml:5:1: unknown key 'optimiser'; did you mean 'optimizer'?"),
        ("train: {epoch: 3}", "c.yaml:5:9: unknown key 'epoch'; did you mean 'epochs'?"),
        (
            "train:\n  checkpoint:\n    every_epoch: 3",
            "c.yaml:7:5: unknown key 'every_epoch'; did you mean 'every_epochs'?",
        ),
        (
            "train: {early_stopping: {patince: 3}}",
            "c.yaml:5:26: unknown key 'patince'; did you mean 'patience'?",
        ),
        (
            "schedule: {type: cosine, warmp: 1}",
            "c.yaml:5:26: unknown key 'warmp'; did you mean 'warmup'?",
        ),
        ("metrics: [{type: top_k, kk: 3}]", "c.yaml:5:25: unknown key 'kk'; "),
        # types
        ("seed: '3'", "c.yaml:5:7: " + SEED + "'3'"),
        ("seed: true", "c.yaml:5:7: " + SEED + "true"),
        ("seed: 1.0", "received 1.0"),
        ("seed: null", "received null"),
        ("name: 1e-3", "c.yaml:5:7: " + NAME + "0.001"),
        ("name: " + "x" * 101, NAME + "'" + "x" * 36 + "..."),
        ("train: 3", "c.yaml:5:8: `train` expects a mapping, received 3"),
        (
            "train: {early_stopping: true}",
            "c.yaml:5:25: `train.early_stopping` expects a mapping or null, received true",
        ),
        (
            "metrics: accuracy",
            "c.yaml:5:10: `metrics` expects a list, each entry a metric, received 'accuracy'",
        ),
        (
            "schedule: 3",
            "c.yaml:5:11: `schedule`: expected a schedule: a word, or a mapping with 'type'; known",
        ),
        (
            "schedule: {warmup: 1}",
            "c.yaml:5:11: `schedule`: this schedule has no 'type'; known are ",
        ),
        # ranges
        ("seed: -1", "c.yaml:5:7: " + SEED + "-1"),
        (
            "train: {epochs: 0}",
            "c.yaml:5:17: `train.epochs` expects a whole number from 1 to 100,000, received 0",
        ),
        (
            "train: {batch_size: 0}",
            "`train.batch_size` expects a whole number of at least 1 or 'full', received 0",
        ),
        ("train: {batch_size: ful}", "received 'ful'; did you mean 'full'?"),
        (
            "train: {clip_norm: 0}",
            "c.yaml:5:20: `train.clip_norm` expects a number above 0 or null, received 0",
        ),
        (
            "train: {max_time: 5x}",
            f"{MAX_TIME}, received '5x'",
        ),
        (
            "train: {max_time: 0s}",
            "`train.max_time` expects a duration above 0 such as 90s, 5m or 1h30m or null",
        ),
        # words
        (
            "metrics: [acuracy]",
            "c.yaml:5:11: `metrics.0`: unknown metric 'acuracy'; did you mean 'accuracy'?",
        ),
        (
            "schedule: {type: cosin}",
            "c.yaml:5:18: `schedule.type`: unknown schedule 'cosin'; did you mean 'cosine'?",
        ),
    ],
)
def test_one_problem(line: str, expected: str) -> None:
    [found] = problems(BASE + line)
    assert expected in found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lr: 1", "lr: .nan", "c.yaml:4:28: " + LR + "nan"),
        ("lr: 1", "lr: -1", "received -1"),
        ("lr: 1", "lr: '1e-3'", "received '1e-3'"),
        ("lr: 1", "lr: true", "received true"),
        ("lr: 1", "lr: " + "9" * 400, "received 999"),
        ("lr: 1", "lr: 1e999", "received inf"),
        (", units: 2", "", "c.yaml:2:10: `layers.0.units` is missing; it expects a whole number f"),
        ("units: 2", "units: 1_000_000_000", "c.yaml:2:31: `layers.0." + UNITS + "'1_000_000_000'"),
        ("units: 2", "units: 1000000000", "received 1000000000"),
        ("units: 2", "units: 64.0", "received 64.0"),
        (
            "units: 2",
            "units: 2, activation: dense",
            "c.yaml:2:46: `layers.0.activation`: unknown activation 'dense'; known are elu, ",
        ),
        ("units: 2", "units: 2, activation: {type: relu, x: 1}", "c.yaml:2:59: unknown key 'x'; "),
        (
            "units: 2",
            "units: 2, initializer: he",
            "`layers.0.initializer`: unknown initializer 'he'; ",
        ),
        (
            "units: 2",
            "units: 2, __dataclass_self__: 1",
            "`layers.0`: unknown key '__dataclass_self__'",
        ),
        (
            f"layers: [{DENSE}]",
            "layers: []",
            "c.yaml:2:9: `layers` expects a list of length at least 1, each entry a layer, rec",
        ),
        (f"layers: [{DENSE}]", "layers: dense", "received 'dense'"),
        (
            f"layers: [{DENSE}]",
            "layers: [{type: residual, layers: [{type: dense, units: 0}]}]",
            "`layers.0.layers.0." + UNITS + "0",
        ),
        ("data: xor\n", "", "c.yaml:1:1: `data` is missing; it expects a data set"),
        (
            "data: xor",
            "data: mnst",
            "c.yaml:1:7: `data`: unknown data set 'mnst'; did you mean 'mnist'?",
        ),
    ],
)
def test_problems_in_components(old: str, new: str, expected: str) -> None:
    assert old in BASE
    assert any(expected in found for found in problems(BASE.replace(old, new)))


PAIR = "a whole number from 1 to 65,536"


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("{type: conv2d, filters: 2, kernel_size: 3, padding: SAME}", "; did you mean 'same'?"),
        (
            "{type: conv2d, filters: 2, kernel_size: 12}",
            "kernel_size` expects a whole number from 1 to 11 or a list of two, each a whole "
            "number from 1 to 11, received 12",
        ),
        (
            "{type: max_pool2d, strides: [1]}",
            f"strides` expects {PAIR} or null or a list of two, each {PAIR}, received [1]",
        ),
    ],
)
def test_words_and_lists_of_a_fixed_length(layer: str, expected: str) -> None:
    assert any(expected in found for found in problems(BASE.replace(DENSE, layer)))


def test_text_of_a_fixed_length() -> None:
    [found] = problems(BASE.replace("xor", "{type: csv, path: x, delimiter: '::'}"))
    assert "delimiter` expects 'blanks' or text of length 1 or null, received '::'" in found


def test_all_at_once_in_the_order_of_the_file() -> None:
    text = """\
layers:
  - dens
  - {type: dense}
  - {type: dense, units: 0, activatoin: relu}
optimizer: {type: adam, lr: fast}
train: {epochs: 3.5, batch: 3}
seed: no
"""
    assert problems(text) == [
        "c.yaml:1:1: `data` is missing; it expects a data set",
        "c.yaml:1:1: `loss` is missing; it expects a loss",
        "c.yaml:2:5: `layers.0`: unknown layer 'dens'; did you mean 'dense'?",
        "c.yaml:3:5: `layers.1.units` is missing; it expects a whole number from 1 to 1,000,000",
        "c.yaml:4:26: `layers.2." + UNITS + "0",
        "c.yaml:4:29: unknown key 'activatoin'; did you mean 'activation'?",
        "c.yaml:5:29: " + LR + "'fast'",
        "c.yaml:6:17: `train.epochs` expects a whole number from 1 to 100,000, received 3.5",
        "c.yaml:6:22: unknown key 'batch'; did you mean 'batch_size'?",
        "c.yaml:7:7: " + SEED + "'no'",
    ]


def test_overrides_and_parents_are_named(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(BASE + "seed: -1\n")
    child = tmp_path / "child.yaml"
    child.write_text("extends: base.yaml\ntrain: {epochs: 0}\n")
    with pytest.raises(ConfigError) as caught:
        load_config(child, ["optimizer.lr=0", "layers.0.unitz=3"])
    places = [problem.where for problem in caught.value.problems]
    assert set(places[:2]) == {"`optimizer.lr=0`", "`layers.0.unitz=3`"}
    assert places[2:] == [f"{tmp_path}/base.yaml:5:7", f"{child}:2:17"]


@pytest.mark.parametrize("text", ["", "- a", "3", "null", "# nothing"])
def test_what_is_no_mapping(text: str) -> None:
    [found] = problems(text)
    assert found.startswith("c.yaml:1:")
    assert "a config is a mapping of keys to values; start with `data:`" in found


@pytest.mark.parametrize(
    "layers",
    [
        "{type: dense},",
        "densf,",
        "{type: dense, unitz: 3},",
        "3,",
        "{type: sequential, layers: []},",
    ],
)
def test_thousands_of_faults_are_found_soon(layers: str) -> None:
    text = BASE.replace("{type: dense, units: 2}", layers * 1200)
    began = time.process_time()
    assert len(problems(text)) >= 1200
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5s", 1.5), ("2h3m4s", 7384)],
)
def test_durations(text: str, seconds: float) -> None:
    config = validate(parse(f"{BASE}train: {{max_time: {text}}}", "c"))
    assert config.train.max_time == seconds
    assert type(config.train.max_time) is float


@pytest.mark.parametrize("value", [1, 1.0])
def test_whole_numbers_are_numbers(value: Any) -> None:
    document = parse(BASE, "c")
    document.value["optimizer"]["lr"] = value
    assert validate(Document(document.value)).optimizer.lr == 1.0


def test_the_file_names_the_run(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BASE)
    assert load_config(path)[0].name == "mine"
    assert load_config(path, ["name=other"])[0].name == "other"


def test_init_from_is_looked_for_beside_the_config(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    (tmp_path / "runs").mkdir()
    for given, expected in {
        "runs": str(tmp_path / "runs"),
        "latest~1": "latest~1",
        "20261121": "20261121",
        "x" * 300: "x" * 300,
    }.items():
        path.write_text(f"{BASE}init_from: '{given}'\n")
        assert load_config(path)[0].init_from == expected


def test_reading_a_recipe_takes_no_time() -> None:
    began = time.process_time()
    for recipe in RECIPES:
        validate(read_file(recipe))
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize("key", ["name", "init_from"])
def test_a_name_that_is_no_text_cannot_be_kept(key: str) -> None:
    """As a folder may have one, in bytes that are not UTF-8."""
    config = validate(parse(BASE, "c.yaml"))
    require_readable(config)
    setattr(config, key, "runs/\udcff")
    with pytest.raises(ConfigError) as caught:
        require_readable(config)
    told = "the config that the run would keep is not text; give files and folders names in UTF-8"
    assert str(caught.value) == told


@pytest.mark.parametrize("value", ["1:2:3", "C:/a:b", "a:b:c"])
def test_faults_of_overrides_are_in_order_whatever_they_hold(value: str) -> None:
    """An override's text may look like a file, a line and a column."""
    document = apply_overrides(parse(BASE, "c.yaml"), [f"seed={value}", "train.epochs=x"])
    with pytest.raises(ConfigError) as caught:
        validate(document)
    told = [problem.where for problem in caught.value.problems]
    assert sorted(told) == [f"`seed={value}`", "`train.epochs=x`"]


@pytest.mark.parametrize("word", ["csv", "image_folder", "npz"])
def test_what_a_bare_word_lacks(word: str) -> None:
    (problem,) = problems(BASE.replace("data: xor", f"data: {word}"))
    assert problem == "c.yaml:1:7: `data.path` is missing; it expects text"


def test_a_network_of_so_many_layers_that_its_config_could_not_be_read_again() -> None:
    layers = "".join("  - {type: dense, units: 8, activation: tanh}\n" for _ in range(700))
    text = f"data: xor\nlayers:\n{layers}loss: cross_entropy\noptimizer: sgd\n"
    with pytest.raises(ConfigError) as caught:
        require_readable(validate(parse(text, "c.yaml")))
    assert "the config that the run would keep is refused: with every default" in str(caught.value)
    assert "more than 5,000 values; a network of fewer layers" in str(caught.value)


def test_letters_of_all_languages_stay_as_they_are() -> None:
    for name in ("Zürich", "手写数字", "до"):
        assert to_yaml({"name": name}) == f"name: {name}\n"
        assert scalar_to_yaml(name) == name
        assert scalar_to_yaml(f"{name}: # x") == f"'{name}: # x'"


def test_a_config_that_its_defaults_make_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    config = validate(parse(BASE, "c.yaml"))
    size = len(to_yaml(config.described()).encode())
    monkeypatch.setattr("nnfs_cli.config.config.MAX_BYTES", size)
    require_readable(config)
    monkeypatch.setattr("nnfs_cli.config.config.MAX_BYTES", size - 1)
    with pytest.raises(ConfigError, match=r"larger than [01] KiB with every default"):
        require_readable(config)
