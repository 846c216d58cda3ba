"""Tags and notes: what is kept, what is refused, and that no training knows of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.runs.annotations import FILE, MAX_NOTE, Annotations, annotate, read_annotations
from nnfs_cli.runs.run import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_tags_are_added_and_taken_away(run: Run) -> None:
    assert read_annotations(run) == Annotations()
    annotate(run)
    assert not (run.path / FILE).exists(), "nothing is written where nothing is said"
    annotate(run, ["b", "a", "b"], "first")
    annotate(run, ["c"], without=["a", "never"])
    assert read_annotations(run) == Annotations(tags=["b", "c"], note="first")
    annotate(run, note="")
    assert read_annotations(run).note == ""


@pytest.mark.parametrize("tag", ["", "two words", "a,b", "x" * 51, "a\n"])
def test_what_is_no_tag(run: Run, tag: str) -> None:
    with pytest.raises(UsageError, match="is no tag"):
        annotate(run, [tag])
    assert not (run.path / FILE).exists()


def test_what_is_too_much(run: Run) -> None:
    with pytest.raises(UsageError, match="2,001 characters"):
        annotate(run, note="x" * (MAX_NOTE + 1))
    with pytest.raises(UsageError, match="51 tags"):
        annotate(run, [str(number) for number in range(51)])


@pytest.mark.parametrize("text", ["", "[]", '{"tags": "a"}', "{" * 2_000, '{"tags": [1]}', "\xff"])
def test_a_damaged_file_is_refused(run: Run, text: str) -> None:
    (run.path / FILE).write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=r"annotations\.json"):
        read_annotations(run)


def test_names_that_are_not_utf8(run: Run) -> None:
    annotate(run, ["\udcff"], "\udcff")
    assert json.loads((run.path / FILE).read_bytes()) == {"tags": ["?"], "note": "?"}
