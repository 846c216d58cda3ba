"""The report as a chart: a bar for each ratio to a peer, a thin line from least to largest."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from results import Result
from sides import TITLES

COLOURS = {"pytorch": "#e8590c", "jax_jit": "#1c7ed6", "scikit_learn": "#868e96"}
WIDEST = 2.0
"""Where the axis ends at most; what is longer is cut, and its number says how long it is."""


def draw(results: Sequence[Result], file: Path) -> None:
    """Write the chart, if there is a peer; say so where there is no matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("no chart: matplotlib is not installed", file=sys.stderr)
        return
    places, height = rows(results)
    if not places:
        return
    figure = Figure(figsize=(9, 1.4 + 0.26 * height), layout="constrained")
    axes = figure.subplots()
    for (result, peer), y in places:
        bar(axes, result, peer, y)
    for peer in {peer: None for (_, peer), _ in places}:
        axes.barh(0, 0, color=COLOURS[peer], label=f"to {TITLES[peer]}")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(*titles(places))
    axes.set_ylim(height, -0.7)
    axes.set_xlim(0, WIDEST)
    axes.set_xlabel("nnfs's time / the peer's (left of 1: nnfs is faster; | the goal)")
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper center", ncols=len(COLOURS), frameon=False)
    figure.savefig(file)


Places = list[tuple[tuple[Result, str], float]]


def rows(results: Sequence[Result]) -> tuple[Places, float]:
    """Every result with every peer, each at its height, and the height of all."""
    places, y = [], 0.0
    for result in results:
        for peer in COLOURS:
            if peer in result.times:
                places.append(((result, peer), y))
                y += 1
        y += 0.6
    return places, y


def titles(places: Places) -> tuple[list[float], list[str]]:
    """A work's title, in the middle of its bars."""
    heights: dict[str, list[float]] = {}
    for (result, _), y in places:
        heights.setdefault(result.work.title, []).append(y)
    return [sum(ys) / len(ys) for ys in heights.values()], list(heights)


def bar(axes: Any, result: Result, peer: str, y: float) -> None:
    ratio = result.ratio(peer)
    axes.barh(y, ratio.median, height=0.85, color=COLOURS[peer])
    axes.plot([ratio.least, ratio.largest], [y, y], color="black", linewidth=0.8)
    if peer in result.work.goals:
        axes.plot(result.work.goals[peer], y, "|", color="black", markersize=14, markeredgewidth=2)
    right = min(max(ratio.median, ratio.largest), WIDEST)
    axes.annotate(
        f"{ratio.median:.2f}", (right, y), (4, 0), textcoords="offset points", va="center"
    )
