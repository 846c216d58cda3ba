"""Components: registering, describing, and reading back what was described."""

from __future__ import annotations

import ast
from dataclasses import make_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import Field

import nnfs_cli
from nnfs_cli.components.component import Component, layer, nearest, optimizer
from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import Document, parse, to_yaml
from nnfs_cli.data.dataset import Dataset
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.activation import Activation
from nnfs_cli.nn.fusing import ACTIVATIONS
from nnfs_cli.nn.initializer import Initializer
from nnfs_cli.nn.layer import Layer
from nnfs_cli.nn.layers.dense import Dense
from nnfs_cli.nn.layers.reshape import Reshape
from nnfs_cli.nn.layers.sequential import Sequential
from nnfs_cli.nn.optimizers.adam import Adam
from nnfs_cli.training.layer_statistics import LEVELS

MEMBERS = {(c.family, c.word): c for members in registry().values() for c in members.values()}
REQUIRED = {"units": 3, "lr": 0.1, "layers": ["relu"], "shape": [-1], "path": "x"}
REQUIRED |= {"rate": 0.5, "milestones": [1], "inputs": "x", "targets": "y", "value": 1}
REQUIRED |= {"filters": 4, "kernel_size": 3, "groups": 1}


def smallest(member: type[Component]) -> dict[str, Any]:
    fields = member.__pydantic_fields__  # type: ignore[attr-defined]
    return {name: REQUIRED[name] for name, field in fields.items() if field.is_required()}


@pytest.mark.parametrize(("family", "word"), sorted(MEMBERS))
def test_what_is_described_is_read_back(family: str, word: str) -> None:
    member = MEMBERS[family, word]
    described = describe(member.read({"type": word} | smallest(member)))
    assert described["type"] == word
    assert describe(member.read(parse(to_yaml(described), "c").value)) == described


@pytest.mark.parametrize(("family", "word"), sorted(MEMBERS))
def test_a_component_is_what_it_is_called_and_what_it_is_made_from(family: str, word: str) -> None:
    member = MEMBERS[family, word]
    made = member.read({"type": word} | smallest(member))
    names = [name for name, c in registry()[family].items() if issubclass(member, c)]
    assert word in names
    assert [name for name in registry()[family] if made.is_a(name)] == names
    assert not made.is_a("nothing")


@pytest.mark.parametrize(("family", "word"), sorted(MEMBERS))
def test_a_component_is_shown_as_a_dataclass_is(family: str, word: str) -> None:
    member = MEMBERS[family, word]
    made = member.read({"type": word} | smallest(member))
    keys = member.__pydantic_fields__  # type: ignore[attr-defined]
    values = {name: getattr(made, name) for name in keys}
    alike = make_dataclass(member.__name__, values)(**values)
    assert repr(made) == repr(alike).rpartition("<locals>.")[2]


def test_every_word_that_the_package_asks_for_is_one() -> None:
    """``is_a("dens")`` would be false for ever."""
    asked = {
        (path.name, call.args[0].value)
        for path in Path(nnfs_cli.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "is_a"
        and isinstance(call.args[0], ast.Constant)
    }
    asked |= {("fusing.py", word) for pair in ACTIVATIONS.items() for word in pair}
    asked |= {("layer_statistics.py", word) for word in LEVELS}
    known = {word for members in registry().values() for word in members}
    assert len(asked) > 10
    assert not {(file, word) for file, word in asked if word not in known}


def test_a_component_registered_later_is_found_everywhere() -> None:
    @layer("twice", "double")
    class Twice(Layer):
        factor: float = Field(default=2.0, gt=0.0, description="what to multiply by")

    text = "data: xor\nloss: mse\noptimizer: {type: sgd, lr: 1}\nlayers: [twice, %s]"
    config = validate(parse(text % "{type: double, factor: 3}", "c"))
    assert [type(part) for part in config.layers] == [Twice, Twice]
    full = {"type": "twice", "trainable": True, "name": None, "factor": 3.0}
    assert config.described()["layers"][1] == full
    with pytest.raises(Exception, match=r"c:4:31: unknown key 'factr'; did you mean 'factor'\?"):
        validate(parse(text % "{type: twice, factr: 3}", "c"))


def test_a_word_belongs_to_one_class() -> None:
    with pytest.raises(TypeError, match="the layer name 'dense' belongs to Dense"):

        @layer("mine", "dense")
        class Mine(Layer): ...

    with pytest.raises(TypeError, match="the layer name 'dense' belongs to Dense"):
        layer("dense")(type("Dense", (Layer,), {"__module__": "elsewhere"}))


def test_a_module_executed_again_replaces_its_classes() -> None:
    def define() -> type[Layer]:
        @layer("again")
        class Again(Layer): ...

        return Again

    define()
    latest = define()
    assert isinstance(Layer.read("again"), latest)


def test_a_class_of_another_family_is_refused() -> None:
    with pytest.raises(TypeError, match="Wrong is registered as an optimizer but is not one"):

        @optimizer("wrong")
        class Wrong(Layer): ...


def test_other_names_lead_to_the_same_class() -> None:
    for members in registry().values():
        for word, member in members.items():
            assert members[member.word] is member
            assert word == word.lower()


def test_part_of_a_family_takes_its_part_alone() -> None:
    assert set(Activation.members()) < set(Layer.members())
    with pytest.raises(UsageError, match="unknown activation 'dense'; known are elu, "):
        Activation.given("dense")


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        (Layer, "dnse", "unknown layer 'dnse'; did you mean 'dense'?"),
        (Layer, "ReLU", "unknown layer 'ReLU'; did you mean 'relu'?"),
        (Layer, "Conv2D", "unknown layer 'Conv2D'; did you mean 'conv2d'?"),
        (Layer, "MAXPOOL2D", "unknown layer 'MAXPOOL2D'; did you mean 'max_pool2d'?"),
        (Layer, 3, "expected a layer: a word, or a mapping with 'type'; known are "),
        (Layer, None, "expected a layer"),
        (Initializer, [], "expected an initializer: a word, or "),
        (Layer, {"units": 3}, "this layer has no 'type'; known are "),
        (Layer, {"type": ["dense"]}, "unknown layer ['dense']"),
        (Layer, {"type": None}, "unknown layer None"),
        (Dataset, "", "unknown data set ''; known are "),
        (Layer, {"type": "relu", "__dataclass_self__": 1}, "unknown key '__dataclass_self__'"),
    ],
)
def test_what_cannot_be_read(kind: type[Component], value: Any, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        kind.given(value)
    assert message in str(caught.value)


NUMPY = [np.int64(3), np.uint8(3), np.array(3)]


@pytest.mark.parametrize("units", NUMPY)
def test_numpy_integers_are_integers(units: Any) -> None:
    assert describe(Dense(units)) == describe(Dense(units=units)) == describe(Dense(3))
    assert type(Dense(units).units) is int
    assert Reshape(shape=(units, units)).shape == [3, 3]  # type: ignore[arg-type]


@pytest.mark.parametrize("lr", [0.5, np.float64(0.5), np.float32(0.5), np.array(0.5)])
def test_numpy_floats_are_floats(lr: Any) -> None:
    assert type(Adam(lr=lr).lr) is float  # float64 scalars would promote every float32 array


def test_integers_are_numbers() -> None:
    assert (Adam(lr=1).lr, type(Adam(lr=np.int32(1)).lr)) == (1.0, float)


@pytest.mark.parametrize("units", [True, "64", 64.0, 0, -1, 10**9, None, np.True_, [3]])
def test_strict_integers(units: Any) -> None:
    with pytest.raises(UsageError):
        Dense(units)


@pytest.mark.parametrize("lr", [True, "0.1", None, np.True_, float("nan"), float("inf"), -1.0, 0])
def test_strict_numbers(lr: Any) -> None:
    with pytest.raises(UsageError):
        Adam(lr=lr)


def test_a_component_given_is_kept() -> None:
    inner = Dense(3)
    assert Sequential([inner]).layers[0] is inner
    assert Layer.read(inner) is inner


def test_nearest() -> None:
    assert nearest("dens", ["dense", "relu"]) == "did you mean 'dense'?"
    assert nearest("xyz", ["relu", "dense"]) == "known are dense, relu"
    assert nearest("DENSE", ["dense", "relu"]) == "did you mean 'dense'?"
    assert nearest("adress", ["Address", "Age"]) == "did you mean 'Address'?"


def test_validation_sees_no_numpy_warning() -> None:
    assert validate(
        Document({"data": "xor", "layers": [Dense(2)], "loss": "mse", "optimizer": Adam(lr=1)})
    )
