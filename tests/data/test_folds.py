"""Folds: each sample once, even classes, whole groups."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.data.datasets.csv import Csv
from nnfs_cli.data.datasets.digits import Digits
from nnfs_cli.data.datasets.moons import Moons
from nnfs_cli.data.folds import grouped, stratified
from nnfs_cli.data.prepare import Data, prepare
from nnfs_cli.data.source import Source
from nnfs_cli.errors import DataError, UsageError


def test_stratified_folds_are_as_even_as_they_can_be() -> None:
    """What scikit-learn's StratifiedKFold promises, over random classes and numbers of folds."""
    generator = np.random.default_rng(0)
    for _ in range(200):
        count, samples = int(generator.integers(2, 12)), int(generator.integers(12, 300))
        classes = generator.choice(5, samples, p=[0.5, 0.3, 0.1, 0.08, 0.02])
        folds = stratified(classes, count, generator)
        assert np.ptp(np.bincount(folds, minlength=count)) <= 1
        assert all(np.ptp(np.bincount(folds[classes == c], minlength=count)) <= 1 for c in range(5))
    values = generator.normal(size=(50, 2))
    assert np.bincount(stratified(values, 4, generator)).tolist() == [13, 13, 12, 12]


@pytest.mark.slow
def test_they_are_as_even_as_those_of_scikit_learn() -> None:
    selection = pytest.importorskip("sklearn.model_selection", reason="no scikit-learn here")
    classes = np.random.default_rng(1).choice(3, 100, p=[0.6, 0.3, 0.1])
    theirs = selection.StratifiedKFold(7, shuffle=True, random_state=0).split(classes, classes)
    folds = stratified(classes, 7, np.random.default_rng(2))
    ours = [np.bincount(classes[folds == k], minlength=3) for k in range(7)]
    of_theirs = [np.bincount(classes[held], minlength=3) for _, held in theirs]
    for c in range(3):
        assert sorted(row[c] for row in ours) == sorted(row[c] for row in of_theirs)


def test_groups_are_whole_and_classes_nearly_even() -> None:
    generator = np.random.default_rng(3)
    for _ in range(20):
        groups = generator.integers(0, 60, 600)
        classes = (groups % 3 == 0).astype(int)  # every group is of one class
        folds = grouped(groups, classes, 5, generator)
        assert all(len({*folds[groups == group]}) == 1 for group in range(60))
        for c in range(2):
            counts = np.bincount(folds[classes == c], minlength=5)
            largest = max(np.bincount(groups[classes == c]))
            assert np.ptp(counts) <= largest
        assert np.ptp(np.bincount(folds)) <= 40
    sizes = np.repeat(np.arange(12), np.arange(1, 13))  # 78 samples in groups of 1 to 12
    assert np.ptp(np.bincount(grouped(sizes, np.zeros((78, 1)), 3, generator))) <= 1


def held(datas: list[Data]) -> list[str]:
    """The validation samples of all folds; those that each is trained on are the others."""
    found = []
    for data in datas:
        assert data.validation is not None
        assert data.validation.origins is not None
        assert data.train.origins is not None
        own = {*data.validation.origins.tolist()}
        assert not own & {*data.train.origins.tolist()}
        assert len(data.train) + len(data.validation) == len(datas[0].train) + len(
            datas[0].validation or []
        )
        found += data.validation.origins.tolist()
    return found


def test_every_sample_is_held_out_once() -> None:
    datas = [
        prepare(Moons(samples=60, test_samples=10, fold=f"{k}/7"), Source()) for k in range(1, 8)
    ]
    found = held(datas)
    assert len(found) == len({*found}) == datas[0].sizes["train"] + datas[0].sizes["validation"]
    assert len({data.hash for data in datas}) == 7
    again = prepare(Moons(samples=60, test_samples=10, fold="3/7"), Source())
    other = prepare(Moons(samples=60, test_samples=10, fold="3/7", split_seed=1), Source())
    assert again.hash == datas[2].hash != other.hash


def test_groups_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [f"p{n // 3},{n},{'ab'[n % 2]}" for n in range(90)]
    path.write_text("by,x,y\n" + "\n".join(rows) + "\n")

    def fold(text: str) -> Data:
        return prepare(Csv(path=str(path), target="y", groups="by", fold=text), Source())

    datas = [fold(f"{k}/4") for k in range(1, 5)]
    found = held(datas)
    assert len(found) == len({*found}) == 90 - len(datas[0].test or [])
    for data in datas:
        groups = [{int(x) // 3 for x in split.inputs[:, 0]} for split in data.splits.values()]
        assert sum(map(len, groups)) == 30, "a group is in two splits"
    assert fold("1/24").sizes["validation"] == 3
    with pytest.raises(DataError, match="too few different groups for 25 folds: there are 24"):
        fold("1/25")


@pytest.mark.parametrize("text", ["0/5", "6/5", "1/1", "2", "1/5/5", "a/b", "1/ 5", "-1/5"])
def test_what_is_no_fold(text: str) -> None:
    with pytest.raises(UsageError, match="such as 2/5"):
        Digits(fold=text)


def test_what_folds_cannot_divide(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("s,x,y\n" + "train,1,a\nval,2,b\ntrain,3,b\ntrain,4,a\n")
    source = Source()
    with pytest.raises(DataError, match="keeps a validation split of its own"):
        prepare(Csv(path=str(path), target="y", split="s", fold="1/2"), source)
    with pytest.raises(UsageError, match="leave one out"):
        Csv(path="t.csv", time="x", fold="1/2")
    with pytest.raises(UsageError, match="leave one of them out"):
        Csv(path="t.csv", validation="v.csv", fold="1/2")
    with pytest.raises(DataError, match="too few samples for 900 folds: there are 20"):
        prepare(Digits(fold="1/900", limit=20), source)
