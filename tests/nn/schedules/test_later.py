"""A schedule that begins later is the schedule of a training that begins there."""

from __future__ import annotations

import numpy as np
import pytest

from nnfs_cli.components.component import Component
from nnfs_cli.components.registry import registry
from nnfs_cli.nn.schedule import LaterSchedule, Schedule
from nnfs_cli.nn.schedules.plateau import Plateau

PER_EPOCH, BEFORE, AFTER = 3, 4, 9


def of(word: str) -> Schedule:
    cls: type[Component] = registry()["schedule"][word]
    needed = {"multi_step": {"milestones": [2, 5]}, "plateau": {"patience": 1, "min_delta": 0.5}}
    made = cls(**needed.get(word, {"warmup": 5}))
    assert isinstance(made, Schedule)
    return made


@pytest.mark.parametrize("word", sorted(registry()["schedule"]))
def test_it_begins_there(word: str) -> None:
    losses = np.random.default_rng(0).normal(size=BEFORE + AFTER)
    whole = [{"val_loss": float(loss)} for loss in losses]
    later, history, after = LaterSchedule(of(word), BEFORE * PER_EPOCH, BEFORE), whole[:BEFORE], []
    fresh, total = of(word), (BEFORE + AFTER) * PER_EPOCH
    found, expected = [], []
    for epoch in range(AFTER):
        for step in range(epoch * PER_EPOCH, (epoch + 1) * PER_EPOCH):
            expected.append(fresh(step, AFTER * PER_EPOCH, after))
            found.append(later(BEFORE * PER_EPOCH + step, total, history))
        history.append(whole[BEFORE + epoch])
        after.append(whole[BEFORE + epoch])
    assert found == expected
    assert len({*found}) > 1 or word == "constant"


def test_its_history_is_read_once() -> None:
    """An epoch costs the same whether it is the third or the thousandth."""
    watched = []

    class Watched(Plateau):
        def score(self, record):  # type: ignore[no-untyped-def]
            watched.append(record)
            return super().score(record)

    later, history = LaterSchedule(Watched(), 0, 0), [{"val_loss": 1.0}]
    for _ in range(50):
        later(0, 100, history)
        history.append({"val_loss": 1.0})
    assert len(watched) == 50
