"""``nnfs watch``."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nnfs_cli.cli.console import Console
from nnfs_cli.cli.options import RunName, RunsDir, runs_folder
from nnfs_cli.cli.terminal import cut, width_of

if TYPE_CHECKING:
    from nnfs_cli.inspection.watching import Standing
    from nnfs_cli.runs.run import Run

LOOK_AGAIN_SECONDS = 1.0
RESTS = 9
"""How many times as long as a look it rests at least: a long history takes a second to read."""
WIDTH, MAX_CHARTS, MAX_NORMS = 80, 3, 8
MAX_NAME = 28
"""Columns of a parameter's name."""
MIN_HEIGHT, MAX_HEIGHT = 3, 8
"""Lines of a chart."""
HEAD, CHART_HEAD = 2, 2
"""Lines above all charts, and above each."""


def watch(
    console: Console,
    run: RunName = "latest",
    once: Annotated[bool, typer.Option("--once", help="Show how it stands, and end.")] = False,
    runs_dir: RunsDir = None,
) -> None:
    """Show a training live: curves, gradients by layer, speed and what remains.

    Reads the run's folder alone, so it may run anywhere. Without a terminal it shows how it
    stands, and ends. Example: nnfs watch latest
    """
    chosen = runs_folder(runs_dir).find(run)
    found, took = _look(chosen)
    if console.json or once or not sys.stdout.isatty() or found.status != "running":
        for line in standing_lines(found, console.columns or WIDTH, None, console.is_plain):
            console.answer(line)
        console.document(**asdict(found))
        return
    from rich.console import Console as RichConsole
    from rich.live import Live
    from rich.text import Text

    with Live(console=RichConsole(), refresh_per_second=4, screen=False) as live:
        while True:
            rows = live.console.height
            lines = standing_lines(found, console.columns or WIDTH, rows, console.is_plain)
            live.update(Text("\n".join(lines)))
            if found.status != "running":
                return
            time.sleep(max(LOOK_AGAIN_SECONDS, RESTS * took))
            found, took = _look(chosen)


def _look(run: Run) -> tuple[Standing, float]:
    """How it stands, and the seconds that reading it took."""
    from nnfs_cli.inspection.watching import standing

    began = time.perf_counter()
    return standing(run), time.perf_counter() - began


def standing_lines(found: Standing, width: int, rows: int | None, plain: bool) -> list[str]:
    """The whole in lines of at most ``width`` columns and, if that can be, so many ``rows``.

    Where rows are few, charts are left out before parameters are, the loss's last.
    """
    from nnfs_cli.cli.text_chart import chart
    from nnfs_cli.escaping import escaped
    from nnfs_cli.formatting import significant

    curves = list(_curves(found).items())[:MAX_CHARTS]
    norms = _norm_lines(found, width, MAX_NORMS, plain)
    charts, height = _fitting(len(curves), rows, len(norms))
    if rows is not None and curves and not charts:
        charts, spare = 1, rows - HEAD - MIN_HEIGHT - CHART_HEAD
        norms = _norm_lines(found, width, spare - 3, plain)
    lines = [f"{found.run}  {found.status}", _progress(found, width)]
    for name, both in curves[:charts]:
        ends = ", ".join(f"{which} {significant(values[-1])}" for which, values in both.items())
        lines += ["", f"{name}: {ends}", *chart(both, width, height, plain)]
    return [cut(escaped(line), width) for line in [*lines, *norms]]


def _fitting(curves: int, rows: int | None, others: int) -> tuple[int, int]:
    """How many charts fit beside so many ``others`` lines, and how high they are."""
    if rows is None:
        return curves, MAX_HEIGHT
    for charts in range(curves, 0, -1):
        height = (rows - HEAD - others) // charts - CHART_HEAD
        if height >= MIN_HEIGHT:
            return charts, min(height, MAX_HEIGHT)
    return 0, MIN_HEIGHT


def _norm_lines(found: Standing, width: int, count: int, plain: bool) -> list[str]:
    """A line for each of the first ``count`` parameters; none where there is no room for one."""
    from nnfs_cli.cli.text_chart import blocks
    from nnfs_cli.escaping import escaped
    from nnfs_cli.formatting import significant

    if not found.gradients or count < 1:
        return []
    lines = ["", "length of the gradient, by parameter"]
    shown = {name: _end(escaped(name)) for name in found.gradients}
    widest = max(map(width_of, shown.values()))
    for name, norms in list(found.gradients.items())[:count]:
        bar = blocks(norms, max(width - widest - 14, 4), plain)
        padding = " " * (widest - width_of(shown[name]))
        lines.append(f"  {shown[name]}{padding}  {significant(norms[-1]):>9} {bar}")
    if len(found.gradients) > count:
        lines.append(f"  and {len(found.gradients) - count} others, in layers.csv")
    return lines


def _end(name: str) -> str:
    """The end of a name, which tells layers apart, in at most ``MAX_NAME`` columns."""
    while width_of(name) > MAX_NAME:
        name = name[1:]
    return name


def _progress(found: Standing, width: int) -> str:
    """What of it fits into a line, the most important first."""
    from nnfs_cli.formatting import duration

    told = f"epoch {found.epochs}" + (f" of {found.planned}" if found.planned else "")
    more = []
    if found.seconds_left is not None:
        more.append(f"about {duration(found.seconds_left)} left")
    if found.best_epoch:
        more.append(f"best {found.best_epoch}")
    if found.seconds_per_epoch is not None:
        more.append(f"{_short(found.seconds_per_epoch)} an epoch")
    if found.status == "running" and found.silent_for is not None:
        more.append(f"last one {duration(found.silent_for)} ago")
    for text in more:
        if len(told) + len(text) + 2 <= width:
            told += f", {text}"
    return told


def _short(seconds: float) -> str:
    from nnfs_cli.formatting import duration

    return duration(seconds) if seconds >= 0.1 else f"{1000 * seconds:.1f} ms"


def _curves(found: Standing) -> dict[str, dict[str, list[float]]]:
    """The loss, then the metrics: each in training and in validation."""
    curves: dict[str, dict[str, list[float]]] = {}
    for column, values in found.figures.items():
        split, _, name = column.partition("_")
        if split in ("train", "val") and values:
            curves.setdefault(name, {})[split] = values
    return curves
