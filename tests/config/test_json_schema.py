"""The JSON Schema agrees with the reader of configs: on every recipe, and on typical mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.components.registry import registry
from nnfs_cli.config.config import validate
from nnfs_cli.config.json_schema import DRAFT, config_schema
from nnfs_cli.config.yaml_reader import Document, parse, read_file
from nnfs_cli.errors import ConfigError

jsonschema = pytest.importorskip(
    "jsonschema", reason="jsonschema checks the schema in editors' way"
)

RECIPES = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
BASE = """\
data: xor
layers: [flatten, {type: dense, units: 2, activation: relu}]
loss: cross_entropy
optimizer: {type: adam, lr: 1e-3}
"""


@pytest.fixture(scope="module")
def validator() -> Any:
    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == DRAFT
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_recipes(validator: Any, recipe: Path) -> None:
    document = read_file(recipe)
    validator.validate(document.value)
    validator.validate(validate(document).described())


@pytest.mark.parametrize("family", registry())
def test_every_word_may_stand_alone_or_in_a_mapping(validator: Any, family: str) -> None:
    definitions = config_schema()["$defs"]
    kind = {"dataset": "Dataset"}.get(family, family.capitalize())
    words, *mappings = definitions[kind]["anyOf"]
    assert words["enum"] == sorted(registry()[family])
    named = {mapping["$ref"].rpartition("/")[2] for mapping in mappings}
    assert {word for name in named for word in definitions[name]["properties"]["type"]["enum"]} == {
        *registry()[family]
    }


@pytest.mark.parametrize(
    "more",
    [
        "train: {max_time: 5m}",
        "train: {max_time: 1h30m}",
        "train: {max_time: 90}",
        "train: {checkpoint: {every_seconds: 1.5s}}",
        "train: {batch_size: full}",
        "train: {batch_size: 1, early_stopping: {patience: 3}}",
        "seed: 9223372036854775807",
        "metrics: [accuracy, {type: top_k, k: 3}]",
        "schedule: {type: cosine, warmup: 0.1}",
        "name: null",
    ],
)
def test_what_is_valid(validator: Any, more: str) -> None:
    document = parse(BASE + more, "c")
    validator.validate(document.value)
    assert validate(document)


@pytest.mark.parametrize(
    "more",
    [
        "epochs: 3",
        "train: {epoch: 3}",
        "train: {epochs: 0}",
        "train: {epochs: '3'}",
        "train: {epochs: true}",
        "train: {batch_size: ful}",
        "train: {batch_size: 0}",
        "train: {max_time: 5 minutes}",
        "train: {checkpoint: 3}",
        "seed: -1",
        "seed: 9223372036854775808",
        "metrics: accuracy",
        "metrics: [acuracy]",
        "schedule: {warmup: 0.1}",
        "schedule: {type: cosine, warmp: 0.1}",
        "name: 3",
    ],
)
def test_typical_mistakes(validator: Any, more: str) -> None:
    document = parse(BASE + more, "c")
    assert not validator.is_valid(document.value)
    with pytest.raises(ConfigError):
        validate(document)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("units: 2", "units: 0"),
        ("units: 2", "unit: 2"),
        (", units: 2", ""),
        ("activation: relu", "activation: dense"),
        ("flatten", "flaten"),
        ("[flatten, {type: dense, units: 2, activation: relu}]", "[]"),
        ("lr: 1e-3", "lr: 0"),
        ("lr: 1e-3", "lr: '1e-3'"),
        ("type: adam, ", ""),
        ("data: xor\n", ""),
    ],
)
def test_mistakes_in_components(validator: Any, old: str, new: str) -> None:
    assert old in BASE
    document = parse(BASE.replace(old, new), "c")
    assert not validator.is_valid(document.value)
    with pytest.raises(ConfigError):
        validate(document)


def test_a_config_that_inherits_needs_nothing_else(validator: Any) -> None:
    validator.validate({"extends": "base.yaml", "seed": 3})
    assert not validator.is_valid({"seed": 3})
    assert not validator.is_valid({"extends": 3})
    assert Document({"extends": "base.yaml"}).value  # taken out before validation
