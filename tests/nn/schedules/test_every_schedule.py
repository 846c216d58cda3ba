"""What every registered schedule must do; a new one is tested by being there."""

from __future__ import annotations

from typing import Any

import pytest

from nnfs_cli.components.described import describe
from nnfs_cli.components.registry import registry
from nnfs_cli.errors import UsageError
from nnfs_cli.nn.schedule import Schedule

ARGUMENTS: dict[str, dict[str, Any]] = {"multi_step": {"milestones": [2, 5]}}
WORDS = sorted({member.word for member in registry()["schedule"].values()})
every_schedule = pytest.mark.parametrize("word", WORDS)
STEPS_AN_EPOCH = 10


def example(word: str, **keys: Any) -> Schedule:
    return Schedule.given({"type": word} | ARGUMENTS.get(word, {}) | keys)


def history(epochs: int) -> list[dict[str, float]]:
    return [{"train_loss": 1.0 / (1 + epoch)} for epoch in range(epochs)]


def curve(schedule: Schedule, total: int) -> list[float]:
    return [schedule(step, total, history(step // STEPS_AN_EPOCH)) for step in range(total)]


@every_schedule
def test_factors_are_sensible_and_pure(word: str) -> None:
    schedule = example(word)
    factors = curve(schedule, 120)
    assert all(type(factor) is float and 0.0 <= factor <= 1.0 for factor in factors)
    assert max(factors) == pytest.approx(1.0)
    backwards = [
        schedule(step, 120, history(step // STEPS_AN_EPOCH)) for step in reversed(range(120))
    ]
    assert backwards[::-1] == factors


@every_schedule
def test_only_those_that_say_so_look_at_the_horizon(word: str) -> None:
    schedule = example(word)
    assert schedule.plans_ahead == schedule.uses_horizon
    assert (curve(schedule, 120) != curve(schedule, 240)[:120]) == schedule.uses_horizon


@every_schedule
def test_past_the_horizon_it_stays_where_it_ends(word: str) -> None:
    schedule = example(word)
    end, beyond = schedule(120, 120, history(12)), schedule(150, 120, history(12))
    assert 0.0 <= beyond <= end


@every_schedule
def test_warmup_rises_in_a_straight_line_to_the_curve(word: str) -> None:
    warm, cold = example(word, warmup=20), example(word)
    start = cold(0, 100, [])
    assert [warm(step, 120, []) for step in range(20)] == pytest.approx(
        [start * (step + 1) / 20 for step in range(20)]
    )
    assert warm(20, 120, []) == start
    assert warm(50, 120, []) == cold(30, 100, [])


@every_schedule
def test_a_training_of_one_step(word: str) -> None:
    for warmup in (0, 5, 0.5):
        assert 0.0 <= example(word, warmup=warmup)(0, 1, []) <= 1.0


@every_schedule
def test_description_round_trip(word: str) -> None:
    full = describe(example(word, warmup=0.1))
    assert describe(Schedule.read(full)) == full


def test_a_fraction_warms_up_that_share_of_all_steps() -> None:
    schedule = example("constant", warmup=0.25)
    assert schedule.plans_ahead
    assert curve(schedule, 8) == [0.5, 1.0, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("warmup", [-1, -0.5, 1.0, 5.0, True, "5"])
def test_impossible_warmups(warmup: Any) -> None:
    with pytest.raises(UsageError, match="warmup"):
        example("constant", warmup=warmup)
