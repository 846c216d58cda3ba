"""The learning rate at every step: the schedule of the config, computed again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.config.config import validate
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import NnfsError
from nnfs_cli.reports.plots.canvas import new_figure
from nnfs_cli.reports.plots.conclusions import History
from nnfs_cli.reports.plots.curves import HUGE
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.runs.change import Change
from nnfs_cli.runs.changes import Stage, schedule_of, stages
from nnfs_cli.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_POINTS, MAX_STEPS = 2000, 10**12
SAME = 1e-9
"""Relative difference from what was recorded, in rounding."""


class Rates(NamedTuple):
    """Learning rates at steps (from one), or where those are not known at the ends of epochs.

    ``epochs`` says where each is, in finished epochs; ``word`` is the schedule's, if it is known.
    """

    epochs: list[float]
    rates: list[float]
    word: str
    steps: list[int] | None


def rates_of(run: Run, history: History) -> Rates:
    """The rates of all steps, or else those in metrics.csv.

    The schedule is computed again from config.yaml and what ``resume`` changed; where another one
    was recorded for some epochs, that is all there is to draw.
    """
    recorded = Rates([row["epoch"] for row in history], [row["lr"] for row in history], "", None)
    batches = _batches(history)
    try:
        config, changes = validate(read_file(run.config)), _changes(run)
        if not batches:
            return recorded
        found = planned(stages(config, changes), history, batches)
    except NnfsError:
        return recorded
    by_step = dict(zip(found.steps or [], found.rates, strict=True))
    pairs = [(by_step[batches * n], rate) for n, rate in enumerate(recorded.rates, 1)]
    same = all(math.isclose(a, b, rel_tol=SAME, abs_tol=1e-300) for a, b in pairs)
    return found if same else recorded._replace(word=found.word)


def _batches(history: History) -> int:
    """The steps of an epoch; 0 where metrics.csv does not have each epoch with its step."""
    first = history[0].get("step", 0)
    if not (0 < first < MAX_STEPS and first == int(first)):
        return 0
    expected = [(n, n * first) for n in range(1, len(history) + 1)]
    written = [(row["epoch"], row.get("step")) for row in history]
    return int(first) if written == expected else 0


def _changes(run: Run) -> list[Change]:
    return run.read().resumed_with if run.has_record() else []


def planned(parts: Sequence[Stage], history: History, batches: int) -> Rates:
    """The rates at evenly chosen steps and the ends of epochs, by the schedule of each stage."""
    ends = [batches * n for n in range(1, len(history) + 1)]
    chosen = {*ends, *np.linspace(1, ends[-1], MAX_POINTS).round().astype(int).tolist()}
    past: list[Mapping[str, float]] = []
    left, steps, rates = [*parts], sorted(chosen), []
    schedule = schedule_of(left[0])
    for step in steps:
        while len(past) < (step - 1) // batches:
            past.append(history[len(past)])
        while left[0].end is not None and step > left[0].end[1]:
            left.pop(0)
            schedule = schedule_of(left[0])
        config = left[0].config
        rates.append(config.optimizer.lr * schedule(step - 1, config.train.epochs * batches, past))
    word = parts[-1].config.schedule.word
    return Rates([step / batches for step in steps], rates, word, steps)


def conclusion(found: Rates) -> str:
    """How the rate went, in the words of a title."""
    first, highest, last = found.rates[0], max(found.rates), found.rates[-1]
    if highest == min(found.rates):
        return f"the learning rate is {last:.3g} throughout"
    word = f" ({found.word})" if found.word else ""
    if highest in (first, last):
        return f"the learning rate begins at {first:.3g} and ends at {last:.3g}{word}"
    place = found.rates.index(highest)
    if found.steps is None:
        top = f"is highest in epoch {found.epochs[place]:.0f} ({highest:.3g})"
    elif found.rates[:place] == sorted(found.rates[:place]):
        top = f"rises to {highest:.3g} in {found.steps[place]:,} steps"
    else:
        top = f"is highest at step {found.steps[place]:,} ({highest:.3g})"
    return f"the learning rate {top} and ends at {last:.3g}{word}"


def figure_of(theme: Theme, found: Rates, about: str) -> Figure:
    """The learning rate over the steps, counted in epochs."""
    from matplotlib.ticker import MaxNLocator

    if found.steps is None:
        about = f"at the ends of epochs, as recorded; {about}"
    figure, axes = new_figure(theme, conclusion(found), about)
    pairs = [pair for pair in zip(found.epochs, found.rates, strict=True) if _fits(*pair)]
    axes.plot(
        [epoch for epoch, _ in pairs], [rate for _, rate in pairs], color=theme.training,
        marker="o" if len(pairs) == 1 else None,
        drawstyle="steps-pre" if found.steps is None else "default",
    )  # fmt: skip
    axes.set_xlabel("epochs done")
    axes.set_ylabel("learning rate")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    return figure


def _fits(epoch: float, rate: float) -> bool:
    return abs(epoch) < HUGE and abs(rate) < HUGE
