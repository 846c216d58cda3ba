"""Overrides and inheritance: what wins, what is refused, and what it is called then."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.config.overrides import apply_overrides, read_with_ancestors
from nnfs_cli.config.yaml_reader import parse
from nnfs_cli.errors import ConfigError

BASE = """\
name: base
layers: [flatten, {type: dense, units: 10}]
optimizer: {type: adam, lr: 1e-3, beta1: 0.8}
schedule: cosine
train: {epochs: 3, early_stopping: null}
"""
ADAM = {"type": "adam", "lr": 1e-3, "beta1": 0.8}


def overridden(*overrides: str) -> Any:
    return apply_overrides(parse(BASE, "c.yaml"), overrides).value


@pytest.mark.parametrize(
    ("overrides", "key", "value"),
    [
        (["optimizer.lr=3e-3"], "optimizer", ADAM | {"lr": 3e-3}),
        (["optimizer.lr=010"], "optimizer", ADAM | {"lr": 10}),
        (["name=no"], "name", "no"),
        (["name='1e-3'"], "name", "1e-3"),
        (["name=a=b=c"], "name", "a=b=c"),
        (["name="], "name", None),
        (["train.epochs=7"], "train", {"epochs": 7, "early_stopping": None}),
        (["layers.1.units=64"], "layers", ["flatten", {"type": "dense", "units": 64}]),
        (["layers.1=relu"], "layers", ["flatten", "relu"]),
        (
            ["layers=[relu, {type: dense, units: 3}]"],
            "layers",
            ["relu", {"type": "dense", "units": 3}],
        ),
        # a bare word expands before a key is put beside it
        (["schedule.warmup=0.1"], "schedule", {"type": "cosine", "warmup": 0.1}),
        (
            ["layers.0.trainable=false"],
            "layers",
            [{"type": "flatten", "trainable": False}, {"type": "dense", "units": 10}],
        ),
        # what is null or absent becomes a mapping
        (
            ["train.early_stopping.patience=2"],
            "train",
            {"epochs": 3, "early_stopping": {"patience": 2}},
        ),
        (["data.type=xor", "data.noise=0"], "data", {"type": "xor", "noise": 0}),
        # another type replaces the mapping, whichever comes first; the same type does not
        (["optimizer.type=sgd"], "optimizer", {"type": "sgd"}),
        (["optimizer.lr=1", "optimizer.type=sgd"], "optimizer", {"type": "sgd", "lr": 1}),
        (["optimizer.type=adam"], "optimizer", ADAM),
        (["optimizer=sgd"], "optimizer", "sgd"),
        # the whole comes before its parts, whichever comes first
        (["layers.0.units=4", "layers=[{type: dense}]"], "layers", [{"type": "dense", "units": 4}]),
        # twice the same is no conflict
        (["name=x", "name=x"], "name", "x"),
    ],
)
def test_overrides(overrides: list[str], key: str, value: Any) -> None:
    found = overridden(*overrides)
    assert found[key] == value
    untouched = parse(BASE, "c").value
    assert {k: v for k, v in found.items() if k != key} == {
        k: v for k, v in untouched.items() if k != key
    }


@pytest.mark.parametrize(
    ("overrides", "problems"),
    [
        (["lr"], ["`lr` is not an override; write key=value, such as optimizer.lr=3e-3"]),
        (["=3"], ["`=3` is not an override"]),
        (["a..b=3"], ["`a..b=3` is not an override"]),
        (["--lr=3"], ["`--lr=3` is not an override"]),
        (["a.-1=3"], ["`a.-1=3` is not an override"]),
        (["0.a=3"], ["`0.a=3` is not an override"]),
        (["name=a", "name=b"], ["`name=b` disagrees with `name=a`; keep one of them"]),
        (
            ["layers.2.units=3"],
            ["`layers.2.units=3` names entry 2 of a list of 2; entries are numbered 0 to 1"],
        ),
        (["layers.units=3"], ["`layers.units=3` names entry units of a list of 2"]),
        (["train.epochs.x=3"], ["`train.epochs.x=3` asks for 'x' inside a plain value"]),
        (["train.0=3"], ["`train.0=3` asks for entry 0 of what is no list"]),
        (["name=[1"], ["not valid YAML"]),
        (["data.labels={label}_*"], ["quotes of its own, such as \"data.labels='{label}_*'\""]),
        (["name=*x"], ["`name=*x`:1:1: alias *x has no anchor before it"]),
        (["name={a: 1, a: 2}"], ["`name={a: 1, a: 2}`:1:8: duplicate key 'a'"]),
        (["lr", "layers.9=1", "train.0=3"], ["`lr`", "`layers.9=1`", "`train.0=3`"]),
    ],
)
def test_bad_overrides(overrides: list[str], problems: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        overridden(*overrides)
    found = [str(problem) for problem in caught.value.problems]
    assert len(found) == len(problems)
    assert all(part in line for part, line in zip(problems, found, strict=True))


def test_later_problems_name_the_override() -> None:
    overrides = ["optimizer.lr=-1", "layers=[{type: dense, unitz: 3}]"]
    document = apply_overrides(parse(BASE, "c.yaml"), overrides)
    assert document.where(("optimizer", "lr")) == "`optimizer.lr=-1`"
    assert document.where(("optimizer", "beta1")) == "c.yaml:3:42"
    for path in (("layers",), ("layers", 0, "unitz"), ("layers", 1, "units")):
        assert document.where(path) == f"`{overrides[1]}`"


def family(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder / f"{next(iter(files))}.yaml"


@pytest.mark.parametrize(
    ("child", "key", "value"),
    [
        ("optimizer: {lr: 2}", "optimizer", ADAM | {"lr": 2}),
        ("optimizer: {type: adam, lr: 2}", "optimizer", ADAM | {"lr": 2}),
        ("optimizer: {type: sgd, lr: 2}", "optimizer", {"type": "sgd", "lr": 2}),
        ("optimizer: sgd", "optimizer", "sgd"),
        ("layers: [relu]", "layers", ["relu"]),
        ("schedule: {warmup: 0.1}", "schedule", {"type": "cosine", "warmup": 0.1}),
        ("schedule: null", "schedule", None),
        (
            "train: {early_stopping: {patience: 3}}",
            "train",
            {"epochs": 3, "early_stopping": {"patience": 3}},
        ),
        ("seed: 4", "seed", 4),
    ],
)
def test_a_child_wins(tmp_path: Path, child: str, key: str, value: Any) -> None:
    path = family(tmp_path, child=f"extends: base.yaml\n{child}\n", base=BASE)
    document = read_with_ancestors(path)
    base = parse(BASE, "c").value
    assert document.value == base | {key: value}


def test_places_are_those_of_the_file_that_said_so(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    family(tmp_path / "deep", grandparent=BASE, parent="extends: grandparent.yaml\nname: p\n")
    path = family(tmp_path, child="extends: deep/parent.yaml\ntrain: {epochs: 9}\n")
    document = read_with_ancestors(path)
    assert document.value["name"] == "p"
    assert document.value["train"] == {"epochs": 9, "early_stopping": None}
    assert document.where(("train", "epochs")) == f"{path}:2:17"
    assert document.where(("name",)) == f"{tmp_path}/deep/parent.yaml:2:7"
    assert document.where(("optimizer", "lr")) == f"{tmp_path}/deep/grandparent.yaml:3:29"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a": "extends: a.yaml"}, "a.yaml:1:10: `extends: a.yaml` leads round in a circle"),
        ({"a": "extends: ./b.yaml", "b": "extends: a.yaml"}, "b.yaml:1:10: `extends: a.yaml` lead"),
        ({"a": "extends: b.yaml"}, "b.yaml, which is no file"),
        ({"a": "extends: ."}, ", which is no file"),
        ({"a": 'extends: "b\\0.yaml"'}, ", which is no file"),
        ({"a": f"extends: {'b' * 300}"}, ", which is no file"),
        ({"a": "extends: [b.yaml]"}, "a.yaml:1:10: `extends` expects the path of a YAML file"),
        ({"a": "extends: 3"}, "`extends` expects the path of a YAML file"),
        ({"a": "extends: b.yaml", "b": "- x"}, "a.yaml:1:10: `extends` names "),
        ({"a": "extends: b.yaml", "b": ""}, "b.yaml, which has no keys"),
        ({"a": "extends: b.yaml", "b": "x: 1\nx: 2"}, "b.yaml:2:1: duplicate key 'x'"),
    ],
)
def test_ancestors_that_cannot_be(tmp_path: Path, files: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_with_ancestors(family(tmp_path, **files))
    assert message in str(caught.value)


def test_a_long_line_of_ancestors_ends(tmp_path: Path) -> None:
    chain = {f"c{n}": f"extends: c{n + 1}.yaml\n" for n in range(30)} | {"c30": "name: x"}
    with pytest.raises(ConfigError, match="leads through more than 10 files"):
        read_with_ancestors(family(tmp_path, **chain))


def test_a_new_key_is_placed_where_it_was_asked_for(tmp_path: Path) -> None:
    document = apply_overrides(
        read_with_ancestors(family(tmp_path, a="name: x")), ["optimzer.lr=3"]
    )
    assert document.where(("optimzer",), key=True) == "`optimzer.lr=3`"


LISTS = "metrics: [accuracy]\nlayers: [{type: dense, units: 1}, relu, {type: dense, units: 2}]\n"


def changed(*overrides: str, text: str = LISTS) -> Any:
    return apply_overrides(parse(text, "c"), overrides).value


def test_adding_to_lists() -> None:
    assert changed("metrics+=[f1, recall]")["metrics"] == ["accuracy", "f1", "recall"]
    assert changed("metrics+=f1", "metrics+={type: top_k, k: 2}")["metrics"] == [
        "accuracy",
        "f1",
        {"type": "top_k", "k": 2},
    ]
    assert changed("metrics+=f1", "metrics=[recall]")["metrics"] == ["recall", "f1"]
    assert changed("data.augment+=[flip]", text="data: {type: digits}")["data"]["augment"] == [
        "flip"
    ]


def test_removing_by_the_numbers_that_were_there() -> None:
    found = changed("layers.0-=", "layers.1-=", "layers.2.units=5", "layers+=softmax")
    assert found["layers"] == [{"type": "dense", "units": 5}, "softmax"]
    assert changed("layers.2.units-=")["layers"][2] == {"type": "dense"}
    assert "metrics" not in changed("metrics-=")


def test_places_behind_a_removed_entry() -> None:
    document = apply_overrides(parse(LISTS, "c"), ["layers.0-="])
    line = LISTS.splitlines()[1]
    assert document.where(("layers", 0)) == f"c:2:{line.index('relu') + 1}"
    assert document.where(("layers", 1, "units")) == f"c:2:{line.index('2') + 1}"
    assert ("layers", 2) not in document.values


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("layers.3-=", "removes what is not there; entries are numbered 0 to 2"),
        ("layers.0.width-=", "removes what is not there"),
        ("layers.0-=1", "gives a value to what it removes; write layers.0-="),
        ("layers.0.type+=1", "adds to what is no list"),
        ("+=1", "is not an override"),
        ("metrics.-=", "is not an override"),
    ],
)
def test_what_cannot_be_added_or_removed(override: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        changed(override)


def test_setting_and_removing_one_key_disagree() -> None:
    with pytest.raises(ConfigError, match="disagrees with"):
        changed("metrics=[f1]", "metrics-=")
