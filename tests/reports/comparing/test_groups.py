"""Runs in groups, the best first; and the sentence that is made of them."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import pytest

from nnfs_cli.errors import DataError, UsageError
from nnfs_cli.reports.comparing.groups import Comparison, Group, compared
from nnfs_cli.reports.comparing.verdict import holm, p_text, verdict
from nnfs_cli.runs.run import Run
from nnfs_cli.statistics import SHARED, Difference, Estimate, difference_by_fold, estimate

CONFIG = """\
name: {name}
seed: {seed}
data: {{type: moons, samples: 60, fold: {fold}}}
layers: [{{type: dense, units: 2}}]
loss: cross_entropy
optimizer: {{type: adam, lr: {lr}}}
metrics: [accuracy]
train: {{workers: {workers}}}
"""
RECORD: dict[str, Any] = {
    "status": "finished", "created": "", "argv": [], "overrides": [], "environment": {},
    "git": None, "data": {"name": "moons", "hash": "c0ffee", "samples": {"test": 9}},
    "parameters": 6, "fingerprint": "7f3a", "epochs": 3, "seconds": 1.0, "test": {"loss": 1.0},
}  # fmt: skip


class Lab:
    """A folder of runs that were never trained."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.runs = folder, list[Run]()

    def add(
        self, value: float, lr: float = 0.01, seed: int = 0, fold: str = "null", **record: Any
    ) -> Run:
        run = Run(self.folder / f"r{len(self.runs)}")
        run.path.mkdir()
        number = len(self.runs) + 1
        text = CONFIG.format(name=f"n{number}", seed=seed, lr=lr, fold=fold, workers=1 + number % 2)
        (run.path / "config.yaml").write_text(text)
        best = {"epoch": 2, "monitor": "val_accuracy", "value": value, "higher_is_better": True}
        metrics = {"val_accuracy": value, "val_loss": 1 - value}
        run.write(RECORD | {"number": number, "best": best, "metrics": metrics} | record)
        self.runs.append(run)
        return run

    def add_folds(self, values: list[float], lr: float, seed: int = 0, data: str = "") -> None:
        """Cross-validation: each fold has other samples."""
        for number, value in enumerate(values, 1):
            facts = {"name": "moons", "hash": f"{data}{number}", "samples": {"test": 9}}
            self.add(value, lr, seed, f"{number}/{len(values)}", data=facts)

    def compared(self, metric: str | None = None) -> Comparison:
        return compared(self.runs, metric)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_runs_that_differ_in_their_seed_are_a_group(lab: Lab) -> None:
    values = {0.01: [0.7, 0.8, 0.75], 0.1: [0.9, 0.85, 0.95]}
    for lr, each in values.items():
        for seed, value in enumerate(each):
            lab.add(value, lr, seed)
    found = lab.compared()
    assert (found.keys, found.metric, found.notes) == (["optimizer.lr"], "val_accuracy", [])
    assert [group.values for group in found.groups] == [{"optimizer.lr": lr} for lr in (0.1, 0.01)]
    for group, lr in zip(found.groups, (0.1, 0.01), strict=True):
        mean = group.figures["val_accuracy"].mean
        assert mean == pytest.approx(statistics.mean(values[lr]))
        assert group.figures["test_loss"].mean == 1.0
        assert [member.values["seed"] for member in group.members] == [0, 1, 2]
    by_loss = lab.compared("val_loss")
    assert [group.values["optimizer.lr"] for group in by_loss.groups] == [0.1, 0.01]
    with pytest.raises(UsageError, match="val_los"):
        lab.compared("val_los")


def test_what_has_not_finished_is_left_out(lab: Lab) -> None:
    lab.add(0.5, status="diverged")
    with pytest.raises(DataError, match="none of these runs has finished"):
        lab.compared()
    lab.add(0.6)
    found = lab.compared()
    assert len(found.groups) == 1
    assert "r0 (diverged)" in found.notes[0]
    lab.add(0.5, status="interrupted", stopped="pruned")
    assert "2 not finished, so left out: r0 (diverged), r2 (pruned)" in lab.compared().notes


def test_a_training_counts_once(lab: Lab) -> None:
    """The same figures twice are no second seed: they would make noise look small."""
    for value, seed in ((0.7, 0), (0.8, 1), (0.8, 1)):
        lab.add(value, seed=seed)
    found = lab.compared()
    assert found.groups[0].figures["val_accuracy"].count == 2
    assert "1 run is the same training as a later one" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("data", {"data": {"name": "moons", "hash": "other", "samples": {"test": 9}}}),
        ("plugins", {"plugins": {"mine.py": "0123456789"}}),
        ("nnfs", {"environment": {"nnfs": "9.0.0"}}),
    ],
)
def test_what_else_decides_a_training_divides_groups(
    lab: Lab, name: str, record: dict[str, Any]
) -> None:
    lab.add(0.7)
    lab.add(0.7, **record)
    found = lab.compared()
    assert found.keys == [f"({name})"]
    assert len(found.groups) == 2
    assert bool(found.notes) == (name == "data")


def test_different_losses_do_not_compare(lab: Lab) -> None:
    lab.add(0.7)
    path = lab.add(0.8).path / "config.yaml"
    path.write_text(path.read_text().replace("cross_entropy", "mse"))
    found = lab.compared("val_loss")
    assert not found.means_the_same
    said = verdict(found).text
    (other,) = {name for name in found.figures if name.endswith("accuracy")}
    assert said.startswith("their losses are not the same, so val_loss does not tell which is best")
    assert said.endswith(f"--metric {other}")
    assert lab.compared(other).means_the_same
    assert "is best" in verdict(lab.compared(other)).text


def group(number: int, *values: float) -> Group:
    return Group(number, {}, [], {"val_loss": estimate(values)})


def told(*groups: Group) -> str:
    return verdict(Comparison([], "val_loss", [*groups], [])).text


def test_the_sentence() -> None:
    low, near, high = (0.10, 0.12, 0.11), (0.11, 0.13, 0.12), (0.5, 0.52, 0.51)
    assert "nothing to compare" in told(group(1, 0.1))
    assert "3 seeds of one config: val_loss 0.1100, 95 % within" in told(group(1, *low))
    single = told(group(1, 0.1), group(2, 0.2))
    assert "by 0.1000 before #2; one seed does not tell" in single
    assert "--seeds 5" in single
    surely = told(group(1, *low), group(2, *high))
    assert "#1 is better than #2 in val_loss by 0.4000 (95 % interval 0.3773 to 0.4227" in surely
    assert surely.endswith("more than noise")
    noise = told(group(1, *low), group(2, *near))
    assert noise.endswith("within noise; about 17 seeds each would tell it")
    several = told(group(1, *low), group(2, *near), group(3, *high), group(4, 0.9))
    assert "within noise of #2: about 17 seeds each would tell it from #2" in several
    assert "1 others are worse" not in several
    assert "#4 with one seed" in several
    assert "all others by more than noise" in told(group(1, *low), group(2, *high), group(3, *high))


def test_many_groups_at_once_need_stronger_proof() -> None:
    """Holm's step-down, worked by hand."""
    ps = {2: 0.04, 3: 0.01, 4: 0.03}
    tests = {n: Difference(0.1, 0.0, 0.2, p, 5) for n, p in ps.items()}
    found = {n: each.p_value for n, each in holm(tests).items()}
    assert found == pytest.approx({3: 0.03, 4: 0.06, 2: 0.06})
    assert [*found] == [2, 3, 4]


def test_a_group_without_the_metric_comes_last() -> None:
    missing = Group(2, {}, [], {"other": Estimate(1.0, None, None, None, 1)})
    assert "nothing to compare" in told(group(1, 0.1), missing)


def test_absurd_figures_are_not_counted(lab: Lab) -> None:
    """No training gives them, but a file may: their squares are no numbers."""
    for seed, value in enumerate((0.5, 1e200, -1e300, 1.7e308)):
        lab.add(value, seed=seed)
    (group,) = compared(lab.runs, None).groups
    assert group.figures["val_accuracy"].count == 1
    for seed, value in enumerate((1e75, -1e75)):
        lab.add(value, lr=0.1, seed=seed)
        lab.add(value / 3, lr=0.2, seed=seed)
    assert "#" in verdict(compared(lab.runs, None)).text
    told = verdict(compared(lab.runs[1:4], None))
    assert told.text == "no run has a number as its val_accuracy"


def test_equal_runs(lab: Lab) -> None:
    lab.add(0.5)
    lab.add(0.5, lr=0.1)
    assert verdict(compared(lab.runs, None)).text == "#1 and #2 are equal in val_accuracy"


def test_a_very_small_p_value() -> None:
    assert p_text(Difference(1.0, 0.9, 1.1, 3e-7, 2)) == "p < 0.0001"
    assert p_text(Difference(1.0, 0.9, 1.1, 0.031234, 2)) == "p = 0.031"


def test_folds_of_one_config_are_a_group(lab: Lab) -> None:
    """A fold counts once, with the mean over its seeds; groups are compared fold by fold."""
    lab.add_folds([0.80, 0.70, 0.60, 0.75], 0.1)
    lab.add_folds([0.82, 0.74, 0.62, 0.75], 0.1, seed=1)
    lab.add_folds([0.79, 0.69, 0.55, 0.73], 0.01)
    found = lab.compared()
    assert (found.keys, found.notes) == (["optimizer.lr"], [SHARED])
    first, second = found.groups
    assert (len(first.members), len(second.members), first.seeds) == (8, 4, [0, 1])
    assert [fold.number for fold in first.folds] == [1, 2, 3, 4]
    figure, expected = first.figures["val_accuracy"], estimate([0.81, 0.72, 0.61, 0.75], 1 / 3)
    assert vars(figure) == pytest.approx(vars(expected))
    said = verdict(found)
    test = difference_by_fold([0.02, 0.03, 0.06, 0.02], 4)
    assert said.differences[2].to_json() == pytest.approx(test.to_json())
    assert said.text.startswith("#1 is better than #2 in val_accuracy by 0.03250, fold by fold (95")
    assert said.text.endswith("within noise; 4 folds do not tell it")
    assert "4 folds of one config" in verdict(compared(lab.runs[:8], None)).text


def test_folds_of_other_samples_are_not_compared(lab: Lab) -> None:
    lab.add_folds([0.8, 0.7, 0.6], 0.1)
    lab.add_folds([0.7, 0.6, 0.5], 0.01, data="other")
    lab.add_folds([0.6, 0.5], 0.1)
    lab.add(0.4, 0.2)
    found = lab.compared()
    assert found.keys == ["optimizer.lr", "(folds)"]
    assert [g.values["(folds)"] for g in found.groups] == [3, 3, 2, "none"]
    assert found.notes[0] == "the runs were not trained and tested on the same samples"
    told = "#1 is best in val_accuracy; #4 with one seed each cannot be judged; #2, #3 were not "
    assert verdict(found).text == told + "trained on the same folds, and cannot be judged"
    alone = verdict(compared([lab.runs[0], lab.runs[3]], None)).text
    assert "one fold does not tell" in alone
    assert "--folds 5" in alone


def test_one_fold_that_both_have_is_not_enough(lab: Lab) -> None:
    lab.add_folds([0.8, 0.7, 0.6], 0.1)
    lab.add_folds([0.7, 0.6, 0.5], 0.01)
    lab.add(0.71, 0.01, 1, "1/3", data={"name": "moons", "hash": "1", "samples": {"test": 9}})
    del lab.runs[4:6]
    assert "not trained on the same folds" in verdict(lab.compared()).text


def test_one_fold_alone_is_a_split_like_any_other(lab: Lab) -> None:
    """Its seeds are what is repeated."""
    for lr, values in {0.1: [0.8, 0.82, 0.81], 0.01: [0.5, 0.52, 0.51]}.items():
        for seed, value in enumerate(values):
            lab.add(value, lr, seed, "1/5")
    found = lab.compared()
    assert found.notes == []
    assert found.groups[0].figures["val_accuracy"] == estimate([0.8, 0.82, 0.81])
    text = verdict(found).text
    assert "by 0.3000 (95 % interval" in text
    assert text.endswith("more than noise")
