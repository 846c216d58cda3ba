"""Keys that were renamed: the former name works wherever it did, and one line says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.components.component import Component
from nnfs_cli.components.described import essence
from nnfs_cli.components.fields import fields_of
from nnfs_cli.components.renamed import renamed_keys
from nnfs_cli.config.config import Config, load_config, validate
from nnfs_cli.config.json_schema import config_schema
from nnfs_cli.config.overrides import apply_overrides
from nnfs_cli.config.reference import explain
from nnfs_cli.config.yaml_reader import Document, parse
from nnfs_cli.errors import ConfigError, UsageError
from tests.config.test_limits import own_members

RENAMED = [(c, old, new) for _, c in own_members() for old, new in renamed_keys(c).items()]
IDS = [f"{c.word}.{old}" for c, old, _ in RENAMED]
TEXT = """\
data:
  type: digits
  augment:
    - {type: scale, share: 0.25}
layers: [flatten, {type: dense, units: 10}]
loss: cross_entropy
optimizer: {type: sgd, lr: 0.1}
schedule: {type: one_cycle, rise: 0.25}
"""


def scaled(text: str, *overrides: str) -> tuple[Config, Document]:
    document = apply_overrides(parse(text, "c.yaml"), overrides)
    return validate(document), document


def test_the_former_keys_are_those_of_version_0_1() -> None:
    assert sorted(IDS) == [
        "brightness.share",
        "contrast.share",
        "noise.deviation",
        "one_cycle.rise",
        "scale.share",
    ]


def test_both_names_are_one_key() -> None:
    config, document = scaled(TEXT)
    today = TEXT.replace("share", "fraction").replace("rise", "pct_start")
    assert config.described() == scaled(today)[0].described()
    assert scaled(today)[1].notes == []
    assert sorted(document.notes) == [
        "c.yaml:4:21: `share` is called `fraction` now; both names work",
        "c.yaml:8:29: `rise` is called `pct_start` now; both names work",
    ]


def test_fingerprints_are_made_of_the_former_name() -> None:
    found = essence(scaled(TEXT)[0])
    assert found["schedule"] == {"type": "one_cycle", "rise": 0.25}
    assert found["data"]["augment"] == [{"type": "scale", "share": 0.25}]


def test_a_fault_is_told_where_the_former_key_stands() -> None:
    with pytest.raises(ConfigError) as caught:
        scaled(TEXT.replace("share: 0.25", "share: 7"))
    place, expected = "c.yaml:4:28: `data.augment.0.fraction` expects ", "a number from 0 to 0.9"
    assert str(caught.value.problems[0]) == f"{place}{expected}, received 7"


@pytest.mark.parametrize("written", ["share", "fraction"])
@pytest.mark.parametrize("asked", ["share", "fraction"])
def test_overrides_win_under_either_name(written: str, asked: str) -> None:
    text = TEXT.replace("share", written)
    config, _ = scaled(text, f"data.augment.0.{asked}=0.5")
    assert config.described()["data"]["augment"][0]["fraction"] == 0.5
    replaced, _ = scaled(text, f"data.augment=[{{type: scale, {asked}: 0.75}}]")
    assert replaced.described()["data"]["augment"][0]["fraction"] == 0.75


@pytest.mark.parametrize("written", ["rise", "pct_start"])
@pytest.mark.parametrize("asked", ["rise", "pct_start"])
def test_a_file_that_extends_another_wins_under_either_name(
    tmp_path: Path, written: str, asked: str
) -> None:
    (tmp_path / "old.yaml").write_text(TEXT.replace("rise", written))
    (tmp_path / "new.yaml").write_text(f"extends: old.yaml\nschedule: {{{asked}: 0.5}}\n")
    (tmp_path / "last.yaml").write_text("extends: new.yaml\nschedule: {start: 0.1}\n")
    for name, overrides, expected in (
        ("new", [], 0.5),
        ("last", [], 0.5),
        ("last", [f"schedule.{written}=0.75"], 0.75),
    ):
        config, _ = load_config(tmp_path / f"{name}.yaml", overrides)
        assert config.described()["schedule"]["pct_start"] == expected


@pytest.mark.parametrize(
    "overrides", [[], ["data.augment.0.share=0.1", "data.augment.0.fraction=0.2"]]
)
def test_one_place_with_both_names_is_refused(overrides: list[str]) -> None:
    text = TEXT if overrides else TEXT.replace("share: 0.25", "share: 0.25, fraction: 0.3")
    with pytest.raises(ConfigError) as caught:
        scaled(text, *overrides)
    (problem,) = caught.value.problems
    assert "`share` and `fraction` are the same key, which was renamed; keep 'fraction'" in str(
        problem
    )


@pytest.mark.parametrize(("member", "old", "new"), RENAMED, ids=IDS)
def test_explain_and_the_schema_know_the_former_name(
    member: type[Component], old: str, new: str
) -> None:
    (entry,) = explain(f"{member.word}.{old}")
    assert [key.name for key in entry.keys] == [new]
    assert entry.keys[0].description.endswith(f" (formerly {old})")
    assert entry in explain(old)
    definition: dict[str, Any] = config_schema()["$defs"][f"{member.family}.{member.word}"]
    assert definition["properties"][old]["deprecated"] is True
    assert definition["properties"][old]["type"] == definition["properties"][new]["type"]
    assert old not in fields_of(member)


@pytest.mark.parametrize(("member", "old", "new"), RENAMED, ids=IDS)
def test_a_program_is_told_the_new_name(member: type[Component], old: str, new: str) -> None:
    with pytest.raises(UsageError, match=f"^{member.word}: `{old}` is called `{new}` now"):
        member(**{old: 0.1})
