"""`augment:` in a config: read, refused at its line, recorded, and no part of the data's hash."""

from __future__ import annotations

import pytest

from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.json_schema import config_schema
from nnfs_cli.config.yaml_reader import Document, parse
from nnfs_cli.data.datasets.mnist import Mnist
from nnfs_cli.data.prepare import Data
from nnfs_cli.data.source import Source
from nnfs_cli.errors import ConfigError
from nnfs_cli.experiment.build import build_data
from nnfs_cli.runs.provenance import fingerprint

CONFIG = """\
data:
  type: digits
  augment:
    - {type: rotate, degrees: 15}
    - flip
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: adam
"""


def read(text: str) -> tuple[Config, Document]:
    document = parse(text, "c.yaml")
    return validate(document), document


def prepared(text: str) -> Data:
    config, document = read(text)
    return build_data(config, Source(), document)


def test_words_and_mappings() -> None:
    config, _ = read(CONFIG)
    assert config.described()["data"]["augment"] == [
        {"type": "rotate", "fill": 0.0, "degrees": 15.0},
        {"type": "flip", "horizontal": 0.5, "vertical": 0.0},
    ]
    assert validate(Document(config.described())).described() == config.described()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("flip", "flipp", "5:7: `data.augment.1`: unknown augmentation 'flipp'; did you mean"),
        ("degrees", "degree", "4:22: unknown key 'degree'; did you mean 'degrees'?"),
        (": 15", ": 200", "4:31: `data.augment.0.degrees` expects a number from 0 to 180, rec"),
        ("flip", "relu", "5:7: `data.augment.1`: unknown augmentation 'relu'; known are bright"),
        ("flip", "{type: crop, padding: 8}", "5:7: crop with `padding` 8 can push all of a 8 x"),
        ("digits", "moons", "4:7: rotate is for images (height x width x channels), and this"),
    ],
)
def test_problems_have_a_line(old: str, new: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        prepared(CONFIG.replace(old, new))
    assert str(caught.value).startswith(f"c.yaml:{problem}")
    assert "\n" not in str(caught.value)


def test_the_schema_knows_them() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(config_schema())
    assert validator.is_valid(parse(CONFIG, "c").value)
    assert not validator.is_valid(parse(CONFIG.replace("flip", "flipp"), "c").value)
    assert not validator.is_valid(parse(CONFIG.replace("degrees", "degree"), "c").value)
    assert not validator.is_valid(parse(CONFIG.replace("- flip", "- relu"), "c").value)


def test_the_data_stays_the_same_and_the_training_does_not() -> None:
    plain = CONFIG.replace("flip", "{type: flip, horizontal: 0.2}")
    data = [prepared(text) for text in (CONFIG, plain)]
    assert data[0].hash == data[1].hash
    prints = [
        fingerprint(read(text)[0].described(), found.hash, {})
        for text, found in zip((CONFIG, plain), data, strict=True)
    ]
    assert prints[0] != prints[1]


def test_a_stand_in_is_augmented_alike() -> None:
    stand_in = Mnist.read({"type": "mnist", "if_unavailable": "digits", "augment": ["shift"]})
    found = stand_in.stand_in()
    assert found is not None
    assert [part.word for part in found.augment] == ["shift"]


@pytest.mark.parametrize("word", ["crop", "erase", "elastic", "rotate", "scale", "shear", "shift"])
@pytest.mark.parametrize("fill", ["1e308", "-1e25", "1000001"])
def test_a_fill_has_limits(word: str, fill: str) -> None:
    expected = "5:.*fill` expects a number from -1,000,000 to 1,000,000, received"
    with pytest.raises(ConfigError, match=expected):
        read(CONFIG.replace("flip", f"{{type: {word}, fill: {fill}}}"))


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("elastic, alpha: 1e308", "alpha` expects a number from 0 to 1,000, received 1e+308"),
        ("elastic, sigma: 1e-300", "sigma` expects a number from 0.1 to 100, received 1e-300"),
        ("elastic, sigma: 101", "sigma` expects a number from 0.1 to 100, received 101"),
        ("shift, pixels: 1e300", "pixels` expects a number from 0 to 65,536, received 1e+300"),
        (f"crop, padding: {10**350}", "padding` expects a whole number from 0 to 65,536, rec"),
        (f"erase, size: {10**350}", "size` expects a whole number from 0 to 65,536, received 1"),
    ],
)
def test_strengths_have_limits(keys: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=r"^c\.yaml:5:") as caught:
        read(CONFIG.replace("flip", f"{{type: {keys}}}"))
    assert expected in str(caught.value)
