"""Searching and pruning: the same for the same trials, in the right direction, as papers say."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from nnfs_cli.errors import MachineError
from nnfs_cli.runs.start import Request
from nnfs_cli.sweeps.draws import draws_of
from nnfs_cli.sweeps.plan import Trial
from nnfs_cli.sweeps.row import Row
from nnfs_cli.sweeps.study import Study
from nnfs_cli.sweeps.trial import End

WORDS = ["a=log(1e-4,1)", "b=int(1,50)", "c=choice(x,y)", "d=1,2"]


def test_optuna_is_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(MachineError, match=r"pip install 'nnfs-cli\[search\]'"):
        Study({}, 0, maximize=False, prune=True, epochs=1)


def study(seed: int = 0, maximize: bool = False) -> Study:
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    draws = draws_of(WORDS)
    return Study(dict(zip(draws.keys, draws.ranges, strict=True)), seed, maximize, False, 1)


def row(number: int, point: tuple[str, ...], value: float, status: str = "finished") -> Row:
    trial = Trial(number, point, Request(Path("c.yaml")), "", "val_loss", 1)
    return Row(trial, End(status), 1, 0.0, "val_loss", value)


def loss(point: tuple[str, ...]) -> float:
    """Least at a=0.01, b=10, c=x."""
    a, b, c, _ = point
    return (math.log10(float(a)) + 2) ** 2 + (int(b) / 10 - 1) ** 2 + (c == "y")


def searched(found: Study, first: int, last: int, sign: float = 1.0) -> list[tuple[str, ...]]:
    points = []
    for number in range(first, last + 1):
        point = found.propose(number)
        status = "diverged" if number % 7 == 0 else "finished"
        found.tell(row(number, point, sign * loss(point), status))
        points.append(point)
    return points


@pytest.mark.slow
def test_a_search_that_goes_on_proposes_what_it_would_have() -> None:
    whole = searched(study(), 1, 24)
    again = study()
    for number, point in enumerate(whole[:17], start=1):
        again.begin(number, point)
    for number, point in enumerate(whole[:17], start=1):
        again.tell(row(number, point, loss(point), "diverged" if number % 7 == 0 else "finished"))
    assert searched(again, 18, 24) == whole[17:]
    assert searched(study(seed=1), 1, 5) != whole[:5]


@pytest.mark.slow
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_search_closes_in_on_the_best(sign: float) -> None:
    points = searched(study(maximize=sign < 0), 1, 50, sign)
    assert np.median([*map(loss, points[-20:])]) < np.median([*map(loss, points[:10])]) / 3
    for each, texts in zip(draws_of(WORDS).ranges, zip(*points, strict=True), strict=True):
        assert all(each.text(each.value(text)) == text for text in texts), each


@pytest.mark.slow
def test_values_outside_of_the_ranges() -> None:
    for point in [("2", "3", "x", "1"), ("0.1", "3.5", "x", "1"), ("0.1", "3", "z", "1"), ("1",)]:
        with pytest.raises(ValueError, match=r"\w"):
            study().begin(1, point)


@pytest.mark.slow
@pytest.mark.parametrize("maximize", [False, True])
def test_pruning_is_asynchronous_successive_halving(maximize: bool) -> None:
    """Li et al., arXiv:1810.05934, with rungs at 1, 4 and 16 and a quarter that goes on.

    Of fewer than four only the best goes on, as nothing is ever paused.
    """
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    found = Study({}, 0, maximize, prune=True, epochs=20)
    curves = np.random.default_rng(3).normal(size=(40, 20)).cumsum(axis=1)
    rungs: dict[int, list[float]] = {1: [], 4: [], 16: []}
    pruned = 0
    for number, curve in enumerate(curves, start=1):
        found.begin(number, ())
        for epoch, value in enumerate(curve.tolist(), start=1):
            behind = False
            if epoch in rungs:
                rungs[epoch].append(value)
                best = sorted(rungs[epoch], reverse=maximize)[: max(len(rungs[epoch]) // 4, 1)]
                behind = value not in best
            assert found.judge(number, epoch, value) == behind
            assert found.judge(number, epoch, value) == (behind and epoch in rungs), (
                "asked again, as after a kill"
            )
            if behind:
                pruned += 1
                break
        found.tell(row(number, (), value, "pruned" if behind else "finished"))
    assert 20 < pruned < 40


@pytest.mark.slow
def test_rungs_of_a_long_training() -> None:
    """Its hundredth part is the first; an epoch costs the same whether it is early or late."""
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    found = Study({}, 0, False, prune=True, epochs=1000)
    for number, value in enumerate((1.0, 2.0), start=1):
        found.begin(number, ())
        stopped = [epoch for epoch in range(1, 1000) if found.judge(number, epoch, value)]
        assert stopped == ([10, 40, 160, 640] if number == 2 else [])


def test_a_trial_that_tells_a_rung_again_hears_the_same() -> None:
    """It was killed before it could stop; others that ended meanwhile change nothing."""
    pytest.importorskip("optuna", reason="the extra `search` is not installed")
    found = Study({}, 0, maximize=False, prune=True, epochs=100)
    for number, value in enumerate((1.0, 1.1, 1.2, 9.0, 0.5), start=1):
        found.begin(number, ())
        verdict = found.judge(number, 1, value)
        assert verdict == (number in (2, 3, 4))
        assert found.judge(number, 1, value) == verdict
    assert found.judge(4, 1, 9.0), "trial 5 did not help it"
    assert not found.judge(1, 4, 1.0)
    assert not found.judge(1, 1, 1.0), "it had got on"
    assert not found.judge(1, 3, 1.0), "epoch 3 is no rung"
