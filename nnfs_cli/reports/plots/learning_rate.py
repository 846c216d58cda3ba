"""The learning rate at every step: the schedule of the config, computed again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nnfs_cli.config.config import Config, validate
from nnfs_cli.config.yaml_reader import read_file
from nnfs_cli.errors import NnfsError
from nnfs_cli.reports.plots.canvas import new_figure
from nnfs_cli.reports.plots.conclusions import History
from nnfs_cli.reports.plots.theme import Theme
from nnfs_cli.runs.run import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MAX_POINTS = 2000
SAME = 1e-9
"""Relative difference from what was recorded, in rounding."""


class Rates(NamedTuple):
    """Learning rates by step, from one, and the name of the schedule where it is known."""

    steps: list[int]
    rates: list[float]
    word: str
    by_step: bool
    """False where only those at the ends of epochs are known."""


def rates_of(run: Run, history: History) -> Rates:
    """The rates of all steps, or else of those in metrics.csv.

    The schedule is computed again from config.yaml; where it was another for some epochs, what was
    recorded is all there is to draw.
    """
    recorded = [row["lr"] for row in history]
    ends = [int(row.get("step", row["epoch"])) for row in history]
    try:
        config = validate(read_file(run.config))
    except NnfsError:
        return Rates(ends, recorded, "", False)
    found = planned(config, history, ends)
    by_step = dict(zip(found.steps, found.rates, strict=True))
    same = [math.isclose(by_step[end], rate, rel_tol=SAME, abs_tol=1e-300)
            for end, rate in zip(ends, recorded, strict=True)]  # fmt: skip
    return found if all(same) else Rates(ends, recorded, found.word, False)


def planned(config: Config, history: History, ends: list[int]) -> Rates:
    """The rates that the config's schedule has at evenly chosen steps and the ends of epochs."""
    batches = max(ends[0] // max(int(history[0]["epoch"]), 1), 1)
    total, schedule = config.train.epochs * batches, config.schedule
    chosen = {*ends, *np.linspace(1, ends[-1], MAX_POINTS).round().astype(int).tolist()}
    past: list[Mapping[str, float]] = []
    steps, rates = sorted(chosen), []
    for step in steps:
        while len(past) < (step - 1) // batches:
            past.append(history[len(past)])
        rates.append(config.optimizer.lr * schedule(step - 1, total, past))
    return Rates(steps, rates, schedule.word, True)


def conclusion(found: Rates) -> str:
    """How the rate went, in the words of a title."""
    first, highest, last = found.rates[0], max(found.rates), found.rates[-1]
    if highest == min(found.rates):
        return f"the learning rate is {last:.3g} throughout"
    word = f" ({found.word})" if found.word else ""
    if highest in (first, last):
        return f"the learning rate begins at {first:.3g} and ends at {last:.3g}{word}"
    top = found.steps[found.rates.index(highest)]
    within = f" in {top:,} steps" if found.by_step else ""
    return f"the learning rate rises to {highest:.3g}{within} and ends at {last:.3g}{word}"


def figure_of(theme: Theme, found: Rates, history: History, about: str) -> Figure:
    """The learning rate over the steps, counted in epochs."""
    from matplotlib.ticker import MaxNLocator

    if not found.by_step:
        about = f"at the ends of epochs, as recorded; {about}"
    figure, axes = new_figure(theme, conclusion(found), about)
    last = history[-1]
    steps_per_epoch = last.get("step", last["epoch"]) / max(last["epoch"], 1)
    epochs = [step / max(steps_per_epoch, 1e-300) for step in found.steps]
    marker = "o" if len(epochs) == 1 else None
    axes.plot(epochs, found.rates, color=theme.training, marker=marker, drawstyle=(
        "default" if found.by_step else "steps-pre"
    ))  # fmt: skip
    axes.set_xlabel("epochs done")
    axes.set_ylabel("learning rate")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylim(bottom=0)
    axes.set_xlim(left=0)
    return figure
